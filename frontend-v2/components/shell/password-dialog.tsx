import { useState, type FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Spinner } from "@/components/ui/spinner";
import { messageOf } from "@/lib/failures";
import { useAuth } from "./auth-provider";

const FIELDS = [
  { name: "current", label: "Current password", complete: "current-password" },
  { name: "next", label: "New password", complete: "new-password" },
  { name: "again", label: "New password again", complete: "new-password" },
] as const;

/** Changes the password; the sessions on other machines end. */
export function PasswordDialog({ onClose }: { onClose: () => void }) {
  const { changePassword } = useAuth();
  const [values, setValues] = useState({ current: "", next: "", again: "" });
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const differs = values.again !== "" && values.next !== values.again;

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (differs) return;
    setBusy(true);
    setProblem(null);
    try {
      await changePassword(values.current, values.next);
      setDone(true);
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Change password"
      description="You stay signed in here; sessions elsewhere end."
      className="w-[min(94vw,420px)]"
      testId="password-dialog"
    >
      {done ? (
        <div className="space-y-4">
          <p role="status" className="text-[13px] text-gain">
            The password is changed.
          </p>
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        </div>
      ) : (
        <form className="space-y-3" onSubmit={(event) => void submit(event)}>
          {FIELDS.map(({ name, label, complete }) => (
            <Field
              key={name}
              label={label}
              error={name === "again" && differs ? "The two are not the same." : undefined}
              hint={name === "next" ? "At least 6 characters." : undefined}
            >
              {(ids) => (
                <Input
                  {...ids}
                  type="password"
                  required
                  minLength={name === "current" ? undefined : 6}
                  autoComplete={complete}
                  data-testid={`password-${name}`}
                  value={values[name]}
                  onChange={(event) => setValues((before) => ({ ...before, [name]: event.target.value }))}
                />
              )}
            </Field>
          ))}
          {problem ? (
            <p role="alert" className="text-xs text-loss">
              {problem}
            </p>
          ) : null}
          <Button type="submit" variant="primary" data-testid="password-save" disabled={busy || differs}>
            {busy ? <Spinner className="text-white" /> : null} Change password
          </Button>
        </form>
      )}
    </Dialog>
  );
}
