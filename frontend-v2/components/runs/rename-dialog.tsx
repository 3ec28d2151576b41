import { useState, type FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { messageOf } from "@/lib/failures";

export interface RenameDialogProps {
  title: string;
  initial: string;
  onSave: (name: string) => Promise<void>;
  onClose: () => void;
}

export function RenameDialog({ title, initial, onSave, onClose }: RenameDialogProps) {
  const [name, setName] = useState(initial);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await onSave(name.trim());
      onClose();
    } catch (reason) {
      setError(messageOf(reason));
      setBusy(false);
    }
  };
  return (
    <Dialog open onOpenChange={onClose} title={title} className="w-[min(94vw,420px)]">
      <form onSubmit={(event) => void submit(event)} className="space-y-4">
        <Field label="Name" error={error}>
          {(ids) => (
            <Input
              {...ids}
              autoFocus
              required
              maxLength={200}
              value={name}
              data-testid="rename-input"
              onFocus={(event) => event.target.select()}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <div className="flex justify-end gap-2">
          <Button variant="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" variant="primary" disabled={busy || !name.trim()}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
