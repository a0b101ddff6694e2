import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas, take } from '../api/client';
import { callers as callersQuery } from '../api/queries';
import { useSession } from '../api/session';
import { Button } from '../ui/button';
import { CodeBlock } from '../ui/copy';
import { Confirm, Dialog } from '../ui/dialog';
import { CheckBox, Field, Input, Select, TextArea } from '../ui/form';
import { Ago, Badge } from '../ui/marks';
import { Empty, Fault, Loaded, Notice, Page, Table } from '../ui/page';
import { tell } from '../ui/toast';

type Caller = Schemas['Caller'];
type Permission = Schemas['CreateCaller']['permissions'][number];

const PERMISSIONS: readonly (readonly [Permission, string])[] = [
  ['execute_actions', 'Carry out actions and reads'],
  ['manage_accounts', 'Connect, renew and remove accounts'],
  ['manage_flags', 'Switch actions on and off'],
  ['read_audit', 'Read the audit log and the figures'],
  ['manage_callers', 'Make callers and their keys'],
];

type Policy = NonNullable<Schemas['CreateCaller']['policy']>;

/** @see docs/callers.md */
const POLICIES: readonly (readonly [Policy | '', string])[] = [
  ['', 'All that its permissions allow'],
  ['read_only', 'Reads and dry runs alone'],
  ['no_destructive_effects', 'Nothing that deletes or overwrites'],
  ['approval_first', 'Writes are refused until another caller approves them'],
];

/** Who may ask, and with which keys. */
export function Callers() {
  const query = useQuery(callersQuery);
  const [making, setMaking] = useState(false);
  const [issued, setIssued] = useState<Issued>();
  return (
    <Page
      title="Callers and keys"
      lead="A bot, a router or a person that may use the gateway, each with a key of its own and its bounds."
      actions={
        <Button kind="primary" onClick={() => setMaking(true)}>
          Make a caller
        </Button>
      }
    >
      <Loaded query={query}>
        {({ callers }) =>
          callers.length === 0 ? (
            <Empty title="No caller has a key of its own yet">
              Make one for each bot, so that each can be bounded and ended by itself.
            </Empty>
          ) : (
            <Table label="Callers" head={['Name', 'May', 'Bounds', 'Last used', 'Ends', '']}>
              {callers.map((caller) => (
                <Row key={caller.identity} caller={caller} onIssued={setIssued} />
              ))}
            </Table>
          )
        }
      </Loaded>
      <CallerForm
        open={making}
        onClose={() => setMaking(false)}
        onIssued={(next) => {
          setMaking(false);
          setIssued(next);
        }}
      />
      <Dialog
        open={issued !== undefined}
        onClose={() => setIssued(undefined)}
        title={`The key of ${issued?.name ?? ''}`}
      >
        {issued && (
          <>
            <Notice tone="warn" title="Copy it now">
              It is shown this once. The gateway keeps only its hash.
            </Notice>
            <CodeBlock code={issued.key} label="The key" />
            <div className="mt-4 flex justify-end">
              <Button kind="primary" onClick={() => setIssued(undefined)}>
                I have it
              </Button>
            </div>
          </>
        )}
      </Dialog>
    </Page>
  );
}

interface Issued {
  name: string;
  key: string;
}

const boundsOf = ({
  platforms,
  accounts,
  actions,
  requests_per_minute,
  policy,
}: Caller): string[] =>
  [
    platforms && `platforms: ${platforms.join(', ')}`,
    accounts && `accounts: ${accounts.join(', ')}`,
    actions && `actions: ${actions.join(', ')}`,
    requests_per_minute !== null && `${requests_per_minute} requests a minute`,
    POLICIES.find(([name]) => name !== '' && name === policy)?.[1],
  ].filter((part) => typeof part === 'string');

function Row({ caller, onIssued }: { caller: Caller; onIssued: (issued: Issued) => void }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState<'change' | 'rotate' | 'remove'>();
  const close = () => setOpen(undefined);
  const params = { path: { id: caller.identity } };
  const refresh = () => queries.invalidateQueries({ queryKey: ['callers'] });
  const bounds = boundsOf(caller);
  return (
    <tr>
      <td>
        <span className="font-medium">{caller.id}</span>
        {caller.owner && <p className="text-soft">of {caller.owner}</p>}
      </td>
      <td>
        <span className="flex flex-wrap gap-1">
          {caller.permissions.map((name) => (
            <Badge key={name}>{name}</Badge>
          ))}
        </span>
      </td>
      <td>{bounds.length === 0 ? 'none' : bounds.map((bound) => <p key={bound}>{bound}</p>)}</td>
      <td>
        <Ago moment={caller.last_used_at} />
      </td>
      <td>{caller.expires_at ? <Ago moment={caller.expires_at} /> : 'never'}</td>
      <td>
        <span className="flex flex-wrap justify-end gap-1.5">
          <Button size="small" onClick={() => setOpen('change')}>
            Change
          </Button>
          <Button size="small" onClick={() => setOpen('rotate')}>
            New key
          </Button>
          <Button size="small" kind="danger" onClick={() => setOpen('remove')}>
            Revoke
          </Button>
        </span>
        <CallerForm caller={caller} open={open === 'change'} onClose={close} onIssued={close} />
        <Confirm
          open={open === 'rotate'}
          onClose={close}
          title={`A new key for ${caller.id}?`}
          label="Make a new key"
          run={async () => {
            const { api_key: key } = await take(
              api.POST('/api/v1/callers/{id}/rotate', { params, body: {} }),
            );
            await refresh();
            onIssued({ name: caller.id, key });
          }}
        >
          The key in use works for one more day.
        </Confirm>
        <Confirm
          open={open === 'remove'}
          onClose={close}
          title={`Revoke ${caller.id}?`}
          label="Revoke the caller"
          danger
          run={async () => {
            await take(api.DELETE('/api/v1/callers/{id}', { params }));
            await refresh();
            tell(`${caller.id} was revoked`);
          }}
        >
          Its keys, tokens and sessions end within a second, and what it has in the queue is
          refused.
        </Confirm>
      </td>
    </tr>
  );
}

/** Lines or commas between names; nothing means no bound. */
const readNames = (text: string): string[] | null => {
  const names = text.split(/[\s,]+/).filter(Boolean);
  return names.length > 0 ? names : null;
};

function CallerForm({
  caller,
  open,
  onClose,
  onIssued,
}: {
  caller?: Caller;
  open: boolean;
  onClose: () => void;
  onIssued: (issued: Issued) => void;
}) {
  return (
    <Dialog open={open} onClose={onClose} title={caller ? `Change ${caller.id}` : 'Make a caller'}>
      {open && <CallerFields caller={caller} onClose={onClose} onIssued={onIssued} />}
    </Dialog>
  );
}

function CallerFields({
  caller,
  onClose,
  onIssued,
}: {
  caller: Caller | undefined;
  onClose: () => void;
  onIssued: (issued: Issued) => void;
}) {
  const queries = useQueryClient();
  const { may } = useSession();
  const [name, setName] = useState(caller?.id ?? '');
  const [permissions, setPermissions] = useState<ReadonlySet<string>>(
    new Set(caller?.permissions ?? ['execute_actions']),
  );
  const [bounds, setBounds] = useState({
    platforms: caller?.platforms?.join(', ') ?? '',
    accounts: caller?.accounts?.join(', ') ?? '',
    actions: caller?.actions?.join(', ') ?? '',
    rate: caller?.requests_per_minute?.toString() ?? '',
    ends: caller?.expires_at?.slice(0, 16) ?? '',
    policy: caller?.policy ?? '',
  });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const setBound = (next: Partial<typeof bounds>) => setBounds({ ...bounds, ...next });

  const submit = async () => {
    setBusy(true);
    setError(undefined);
    const body = {
      permissions: [...permissions] as Permission[],
      platforms: readNames(bounds.platforms),
      accounts: readNames(bounds.accounts),
      actions: readNames(bounds.actions),
      requests_per_minute: bounds.rate ? Number(bounds.rate) : null,
      expires_at: bounds.ends ? new Date(bounds.ends).toISOString() : null,
      policy: (bounds.policy || null) as Policy | null,
    };
    try {
      if (caller) {
        await take(
          api.PATCH('/api/v1/callers/{id}', { params: { path: { id: caller.identity } }, body }),
        );
        tell(`${caller.id} was changed`);
        onClose();
      } else {
        const made = await take(api.POST('/api/v1/callers', { body: { ...body, id: name } }));
        onIssued({ name, key: made.api_key });
      }
      await queries.invalidateQueries({ queryKey: ['callers'] });
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
      {!caller && (
        <Field label="Name" required>
          {(control) => (
            <Input
              {...control}
              required
              placeholder="chat-bot"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
      )}
      <fieldset className="grid gap-2">
        <legend className="mb-1 text-sm font-medium">It may</legend>
        {PERMISSIONS.map(([permission, meaning]) => (
          <CheckBox
            key={permission}
            label={meaning}
            hint={
              may(permission) ? undefined : 'You may not do this yourself, so you cannot grant it.'
            }
            disabled={!may(permission)}
            checked={permissions.has(permission)}
            onChange={() => {
              const next = new Set(permissions);
              if (!next.delete(permission)) next.add(permission);
              setPermissions(next);
            }}
          />
        ))}
      </fieldset>
      <details open={boundsOf(caller ?? EMPTY).length > 0 || undefined}>
        <summary className="font-medium">Bounds</summary>
        <div className="mt-3 grid gap-3">
          {(['platforms', 'accounts', 'actions'] as const).map((bound) => (
            <Field
              key={bound}
              label={`Only these ${bound}`}
              hint={
                bound === 'actions'
                  ? 'Such as twitch.chat or discord.send_message. Empty: all.'
                  : 'Empty: all.'
              }
            >
              {(control) => (
                <TextArea
                  {...control}
                  rows={1}
                  value={bounds[bound]}
                  onChange={(event) => setBound({ [bound]: event.target.value })}
                />
              )}
            </Field>
          ))}
          <Field
            label="Effects"
            hint="Holds at every door. To approve a refused write, replay it from its page."
          >
            {(control) => (
              <Select
                {...control}
                options={POLICIES}
                value={bounds.policy}
                onChange={(event) => setBound({ policy: event.target.value as Policy | '' })}
              />
            )}
          </Field>
          <Field label="Requests a minute" hint="Empty: the default of the gateway.">
            {(control) => (
              <Input
                {...control}
                type="number"
                min={1}
                value={bounds.rate}
                onChange={(event) => setBound({ rate: event.target.value })}
              />
            )}
          </Field>
          <Field label="Ends" hint="Empty: never.">
            {(control) => (
              <Input
                {...control}
                type="datetime-local"
                value={bounds.ends}
                onChange={(event) => setBound({ ends: event.target.value })}
              />
            )}
          </Field>
        </div>
      </details>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Close</Button>
        <Button type="submit" kind="primary" busy={busy} disabled={permissions.size === 0}>
          {caller ? 'Save' : 'Make it and show the key'}
        </Button>
      </div>
    </form>
  );
}

const EMPTY = {
  platforms: null,
  accounts: null,
  actions: null,
  requests_per_minute: null,
  policy: null,
} as Caller;
