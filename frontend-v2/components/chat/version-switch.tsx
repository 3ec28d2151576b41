import { onDemand } from "@/components/ui/on-demand";
import { versionsOf } from "@/lib/turns";
import type { VersionArrowsProps } from "./version-arrows";

const VersionArrows = onDemand(() => import("./version-arrows").then((module) => module.VersionArrows));

/** The versions of a message, where there are several. One that is not saved yet is the last. */
export function VersionSwitch(props: VersionArrowsProps) {
  return versionsOf(props.fork) < 2 ? null : <VersionArrows {...props} />;
}
