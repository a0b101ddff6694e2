import { Dialog as Base } from '@base-ui/react/dialog';
import { type ReactNode, useState } from 'react';
import { Button } from './button';
import { Field, Input } from './form';
import { Fault } from './page';

/** A window over the page; Escape and a click beside it close it, unless it has to be answered. */
export function Dialog({
  open,
  onClose,
  title,
  children,
}: {
  open: boolean;
  onClose: (() => void) | undefined;
  title: string;
  children: ReactNode;
}) {
  return (
    <Base.Root
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose?.();
      }}
      disablePointerDismissal={onClose === undefined}
    >
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-[rgb(0_0_0/0.5)]" />
        <Base.Popup className="fixed top-1/2 left-1/2 z-50 max-h-[90vh] w-[min(34rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 overflow-y-auto rounded-xl border border-line bg-raised p-5 shadow-xl">
          <Base.Title className="mb-3 text-lg font-semibold">{title}</Base.Title>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** Asks before something that cannot be undone, or that others will notice. */
export function Confirm({
  open,
  onClose,
  title,
  children,
  label,
  danger = false,
  reason,
  run,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  children?: ReactNode;
  /** What the button says. */
  label: string;
  danger?: boolean;
  /** Asks for a reason, which stands in the audit log. */
  reason?: boolean;
  run: (reason: string) => Promise<unknown>;
}) {
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const close = () => {
    setError(undefined);
    setText('');
    onClose();
  };
  const submit = async () => {
    setBusy(true);
    try {
      await run(text);
      close();
    } catch (fault) {
      setError(fault);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open={open} onClose={close} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {error !== undefined && <Fault error={error} />}
        {children && <div className="mb-4">{children}</div>}
        {reason && (
          <div className="mb-4">
            <Field
              label="Reason"
              hint="It stands in the audit log and in what refused callers read."
            >
              {(control) => (
                <Input
                  {...control}
                  value={text}
                  onChange={(event) => setText(event.target.value)}
                />
              )}
            </Field>
          </div>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={close}>Keep it as it is</Button>
          <Button type="submit" kind={danger ? 'danger' : 'primary'} busy={busy}>
            {label}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
