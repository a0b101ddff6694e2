import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, type Schemas, take } from '../api/client';
import { Button, buttonLook } from '../ui/button';
import { Field, Input } from '../ui/form';
import { Fault } from '../ui/page';

interface Props {
  onDone: (session: Schemas['Session']) => void;
  /** Keeps this page, and what was typed on it: the provider opens in another tab. */
  keepPage?: boolean;
}

/** Takes a caller's key, which is sent once and not kept in the browser, or leads to the provider. */
export function SignInForm({ onDone, keepPage = false }: Props) {
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const ways = useQuery({
    queryKey: ['ways'],
    queryFn: () => take(api.GET('/api/v1/session/ways')),
    staleTime: Infinity,
  });

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
      {ways.data?.openid && (
        <ProviderLink {...ways.data.openid} onDone={onDone} keepPage={keepPage} />
      )}
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

type ProviderProps = NonNullable<Schemas['WaysIn']['openid']> & Required<Props>;

function ProviderLink({ name, path, onDone, keepPage }: ProviderProps) {
  const [hasOpened, setHasOpened] = useState(false);
  useEffect(() => {
    if (!hasOpened) return undefined;
    // The person comes back to this tab when the other one has signed in.
    const look = async () => {
      const { data } = await api.GET('/api/v1/session');
      if (data) onDone(data);
    };
    const onFocus = () => void look();
    window.addEventListener('focus', onFocus);
    return () => window.removeEventListener('focus', onFocus);
  }, [hasOpened, onDone]);

  const { pathname, search } = window.location;
  return (
    <div className="grid gap-3">
      <a
        className={buttonLook({ kind: 'primary' })}
        href={`${path}?to=${encodeURIComponent(pathname + search)}`}
        {...(keepPage && { target: '_blank', rel: 'opener', onClick: () => setHasOpened(true) })}
      >
        Sign in with {name}
        {keepPage && ' in another tab'}
      </a>
      <p className="text-center text-soft">or</p>
    </div>
  );
}
