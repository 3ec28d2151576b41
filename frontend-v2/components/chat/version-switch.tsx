import { onDemand } from "@/components/ui/on-demand";
import type { Fork } from "@/lib/turns";

export interface VersionSwitchProps {
  fork: Fork;
  /** What there are versions of: "question", "answer". */
  of: string;
  disabled: boolean;
  /** With null: the version that is not saved. */
  onShow: (messageId: number | null) => Promise<void>;
}

const VersionArrows = onDemand(() => import("./version-arrows").then((module) => module.VersionArrows));

export const versionsOf = ({ id, siblings, unsaved }: Fork): number =>
  siblings.length + (id === null || unsaved ? 1 : 0);

/** The versions of a message, where there are several. One that is not saved yet is the last. */
export function VersionSwitch(props: VersionSwitchProps) {
  return versionsOf(props.fork) < 2 ? null : <VersionArrows {...props} />;
}
