import { useState } from 'react';
import { api, type Schemas, take } from '../api/client';
import { Button } from '../ui/button';
import { Field, Input } from '../ui/form';
import { Fault } from '../ui/page';

/** Takes a caller's key; it is sent once and not kept in the browser. */
export function SignInForm({ onDone }: { onDone: (session: Schemas['Session']) => void }) {
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  const submit = async () => {
    setBusy(true);
    setError(undefined);
    try {
      onDone(await take(api.POST('/api/v1/session', { body: { key: key.trim() } })));
      setKey('');
    } catch (fault) {
      setError(fault);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {error !== undefined && <Fault error={error} />}
      <Field
        label="Key or token"
        hint="The key of a caller (agk_…) or a token. It is sent once and not kept in the browser."
      >
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="off"
            spellCheck={false}
            required
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" kind="primary" busy={busy}>
        Sign in
      </Button>
    </form>
  );
}
