import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { onDemand } from "@/components/ui/on-demand";
import type { Run } from "@/lib/types";

function Trigger({ onClick }: { onClick?: () => void }) {
  return (
    <Button
      variant="ghost"
      size="icon"
      aria-label="Run menu"
      aria-haspopup="menu"
      data-testid="run-menu"
      onClick={onClick}
    >
      <Ellipsis aria-hidden />
    </Button>
  );
}

const RunMenu = onDemand(
  () => import("./run-menu").then((module) => module.RunMenu),
  () => <Trigger />,
);

/** The run's menu, loaded when it is asked for: menus are a tenth of what the chat would load first. */
export function RunMenuButton({ run }: { run: Run }) {
  const [wanted, setWanted] = useState(false);
  return wanted ? <RunMenu run={run} defaultOpen /> : <Trigger onClick={() => setWanted(true)} />;
}
