"use client";

import { Ellipsis } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { Button } from "@/components/ui/button";
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

const RunMenu = dynamic(() => import("./run-menu").then((module) => module.RunMenu), {
  ssr: false,
  loading: () => <Trigger />,
});

/** The run's menu, loaded when it is asked for: menus are a tenth of what the chat would load first. */
export function RunMenuButton({ run }: { run: Run }) {
  const [wanted, setWanted] = useState(false);
  return wanted ? <RunMenu run={run} defaultOpen /> : <Trigger onClick={() => setWanted(true)} />;
}
