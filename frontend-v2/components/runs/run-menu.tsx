import { useQueryClient } from "@tanstack/react-query";
import { Ellipsis } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { useActions } from "@/hooks/use-actions";
import { useApi } from "@/components/shell/auth-provider";
import { useView } from "@/components/shell/view-provider";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import type { Run } from "@/lib/types";
import { toPage } from "@/lib/view";
import { RenameDialog } from "./rename-dialog";

const item =
  "flex h-8 cursor-default items-center rounded px-2 text-[13px] outline-none data-[highlighted]:bg-hover select-none";

export function RunMenu({ run, defaultOpen }: { run: Run; defaultOpen?: boolean }) {
  const api = useApi();
  const queries = useQueryClient();
  const { go } = useView();
  const { editModel } = useActions();
  const [dialog, setDialog] = useState<"rename" | "delete" | null>(null);

  const refresh = () => queries.invalidateQueries({ queryKey: ["runs"] });
  const remove = async (): Promise<void> => {
    await api.runs.remove(run.model_id, run.id);
    go(toPage("dashboard"));
    void queries.invalidateQueries({ queryKey: ["models"] });
    await refresh();
  };
  return (
    <>
      <DropdownMenu.Root defaultOpen={defaultOpen}>
        <DropdownMenu.Trigger asChild>
          <Button variant="ghost" size="icon" aria-label="Run menu" data-testid="run-menu">
            <Ellipsis aria-hidden />
          </Button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="end"
            sideOffset={4}
            className="z-50 min-w-44 rounded-md border border-line-strong bg-raised p-1 shadow-xl"
          >
            <DropdownMenu.Item className={item} data-testid="run-rename" onSelect={() => setDialog("rename")}>
              Rename run
            </DropdownMenu.Item>
            <DropdownMenu.Item className={item} onSelect={() => editModel(run.model_id)}>
              Strategy settings
            </DropdownMenu.Item>
            <DropdownMenu.Separator className="my-1 h-px bg-line" />
            <DropdownMenu.Item
              className={`${item} text-loss`}
              data-testid="run-delete"
              onSelect={() => setDialog("delete")}
            >
              Delete run
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {dialog === "rename" ? (
        <RenameDialog
          title="Rename run"
          initial={run.name}
          onClose={() => setDialog(null)}
          onSave={async (name) => {
            await api.runs.rename(run.model_id, run.id, name);
            await refresh();
          }}
        />
      ) : null}
      <ConfirmDialog
        open={dialog === "delete"}
        onOpenChange={(open) => setDialog(open ? "delete" : null)}
        title={`Delete run #${run.run_number}?`}
        body={`“${run.name}”, its positions and all its conversations will be gone for good.`}
        action="Delete run"
        onConfirm={remove}
      />
    </>
  );
}
