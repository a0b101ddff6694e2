import { Tabs } from '@base-ui/react/tabs';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import {
  type Account,
  api,
  ApiProblem,
  type Outcome,
  type Schemas,
  takeOutcome,
} from '../api/client';
import { accounts as accountsQuery, oneAction } from '../api/queries';
import { readForm, type RawForm, type Schema, toRawForm } from '../lib/schema-form';
import { type EnvelopeText, writeSnippets } from '../lib/snippets';
import { Button } from '../ui/button';
import { CodeBlock } from '../ui/copy';
import { CheckBox, Field, Input, Select } from '../ui/form';
import { Badge, EffectMark, PlatformMark } from '../ui/marks';
import { OutcomeView } from '../ui/outcome';
import { Card, Fault, Loaded, Notice, Page, Section } from '../ui/page';
import { SchemaFields } from '../ui/schema-fields';

type Description = Schemas['ActionDescription'];

/** One action: its form, a dry run, then the real thing. */
export function TryIt() {
  const { platform, action } = useParams({ from: '/catalogue/$platform/$action' });
  const query = useQuery(oneAction(platform, action));
  return (
    <Page
      title={action}
      lead={query.data?.summary}
      actions={
        <Link to="/catalogue" search={{ platform }} className="link self-center">
          All actions
        </Link>
      }
    >
      <Loaded query={query}>
        {(description) => <Form key={`${platform}.${action}`} description={description} />}
      </Loaded>
    </Page>
  );
}

interface Options {
  run_at: string;
  run_async: boolean;
  priority: string;
  callback_url: string;
  idempotency_key: string;
}
const NO_OPTIONS: Options = {
  run_at: '',
  run_async: false,
  priority: 'NORMAL',
  callback_url: '',
  idempotency_key: '',
};

function Form({ description }: { description: Description }) {
  const { account: chosen } = useSearch({ from: '/catalogue/$platform/$action' });
  const navigate = useNavigate({ from: '/catalogue/$platform/$action' });
  const queries = useQueryClient();
  const held = useQuery(accountsQuery);
  const schema = description.input_schema as Schema;
  const own = (held.data?.accounts ?? []).filter(
    ({ platform }) => platform === description.platform,
  );
  const account = chosen ?? own[0]?.account_id ?? '';
  const [actor, setActor] = useState('');
  const [form, setForm] = useState<RawForm>({});
  const [options, setOptions] = useState(NO_OPTIONS);
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const [outcome, setOutcome] = useState<Outcome>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState<'dry' | 'send'>();
  /** What the last dry run was about; only that is sent. */
  const [checked, setChecked] = useState<string>();
  /** One key for one content, so that pressing again, or after an error, never acts twice. */
  const key = useRef<{ content: string; key: string }>(undefined);

  const isRead = description.effect === 'read';
  const usual = useMemo(
    () => new Set(Object.keys(description.example?.input ?? {})),
    [description],
  );
  const read = readForm(schema, form);
  const envelope: EnvelopeText = {
    platform: description.platform,
    action_type: description.action_type,
    ...(account && { account_id: account }),
    ...(actor && { actor_id: actor }),
    parameters: read.parameters,
    ...(options.run_at && { run_at: new Date(options.run_at).toISOString() }),
    ...(options.run_async && { run_async: true }),
    ...(options.priority !== 'NORMAL' && { priority: options.priority }),
    ...(options.callback_url && { callback_url: options.callback_url }),
    ...(options.idempotency_key && { idempotency_key: options.idempotency_key }),
  };
  const content = JSON.stringify(envelope);
  const mayBeSent = isRead || checked === content;

  const run = async (dry: boolean) => {
    setFaults(read.faults);
    if (Object.keys(read.faults).length > 0) {
      setOutcome(undefined);
      return;
    }
    setBusy(dry ? 'dry' : 'send');
    setError(undefined);
    if (key.current?.content !== content) key.current = { content, key: crypto.randomUUID() };
    try {
      const body = {
        ...envelope,
        ...(dry && { dry_run: true }),
        ...(!dry && !isRead && { idempotency_key: options.idempotency_key || key.current.key }),
      } as Schemas['Envelope'];
      const answer = await takeOutcome(api.POST('/api/v1/actions/execute', { body }));
      setOutcome(answer);
      setFaults(readViolations(answer.failure?.violations));
      setChecked(dry && answer.status === 'PREPARED' ? content : undefined);
      if (!dry) {
        // The next press means another action.
        if (!answer.failure?.retryable) key.current = undefined;
        void queries.invalidateQueries({ queryKey: ['actions'] });
      }
    } catch (fault) {
      setOutcome(undefined);
      setError(fault);
      if (fault instanceof ApiProblem) setFaults(readViolations(fault.violations));
    } finally {
      setBusy(undefined);
    }
  };

  return (
    <div className="grid items-start gap-6 lg:grid-cols-2">
      <div>
        <p className="mb-4 flex flex-wrap items-center gap-2">
          <PlatformMark platform={description.platform} />
          <EffectMark effect={description.effect} />
          {!description.enabled && <Badge tone="warn">switched off</Badge>}
          <a href={description.docs_url} target="_blank" rel="noreferrer" className="link">
            The platform’s own page
          </a>
        </p>
        <form
          className="grid gap-5"
          onSubmit={(event) => {
            event.preventDefault();
            void run(!mayBeSent);
          }}
        >
          <AccountChoice
            accounts={own}
            account={account}
            actor={actor}
            takesActor={description.takes_actor}
            action={description.action_type}
            onAccount={(next) =>
              void navigate({ search: { account: next || undefined }, replace: true })
            }
            onActor={setActor}
          />
          <Section
            title="Parameters"
            className="!mb-0"
            actions={
              <Button
                size="small"
                onClick={() => setForm(toRawForm(schema, description.example?.input ?? {}))}
              >
                Fill in the example
              </Button>
            }
          >
            <SchemaFields
              schema={schema}
              usual={usual}
              form={form}
              faults={faults}
              onChange={setForm}
              context={{
                platform: description.platform,
                account,
                choices: description.choices ?? {},
              }}
            />
          </Section>
          {!isRead && <MoreOptions options={options} onChange={setOptions} />}
          <div className="sticky bottom-0 -mx-1 flex flex-wrap gap-2 bg-ground px-1 py-3">
            {isRead ? (
              <Button type="submit" kind="primary" busy={busy === 'send'}>
                Read
              </Button>
            ) : (
              <>
                <Button
                  type="submit"
                  kind={mayBeSent ? 'plain' : 'primary'}
                  busy={busy === 'dry'}
                  onClick={(event) => {
                    event.preventDefault();
                    void run(true);
                  }}
                >
                  Dry run
                </Button>
                <Button
                  kind={mayBeSent ? 'primary' : 'plain'}
                  busy={busy === 'send'}
                  disabled={!mayBeSent}
                  title={mayBeSent ? undefined : 'A dry run of exactly this comes first'}
                  onClick={() => void run(false)}
                >
                  Send
                </Button>
              </>
            )}
          </div>
        </form>
      </div>
      <div className="min-w-0 lg:sticky lg:top-6">
        <div aria-live="polite">
          {error !== undefined && <Fault error={error} />}
          {outcome ? (
            <Card className="mb-6">
              <h2 className="mb-3 text-lg font-semibold">
                {outcome.status === 'PREPARED' ? 'What would be sent' : 'What happened'}
              </h2>
              <OutcomeView outcome={outcome} />
            </Card>
          ) : (
            error === undefined && (
              <Notice>
                {isRead
                  ? 'A read changes nothing. Its answer appears here.'
                  : 'A dry run shows the exact request, its cost and what stands in its way. Nothing is sent.'}
              </Notice>
            )
          )}
        </div>
        <Snippets envelope={envelope} />
      </div>
    </div>
  );
}

/** Faults of the gateway, by the parameters that they name. */
function readViolations(
  violations: readonly Schemas['FieldViolation'][] = [],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    violations.map(({ field, message }) => [field.replace(/^parameters\./, ''), message]),
  );
}

function AccountChoice({
  accounts,
  account,
  actor,
  takesActor,
  action,
  onAccount,
  onActor,
}: {
  accounts: readonly Account[];
  account: string;
  actor: string;
  takesActor: boolean;
  action: string;
  onAccount: (account: string) => void;
  onActor: (actor: string) => void;
}) {
  const options = accounts.map(
    ({ account_id, login }) =>
      [account_id, login ? `${login} (${account_id})` : account_id] as const,
  );
  const missing = accounts
    .find(({ account_id }) => account_id === (actor || account))
    ?.missing.find(({ action_type }) => action_type === action);
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label="Account" hint="Whose channel or bot it is.">
        {(control) => (
          <Select
            {...control}
            value={account}
            onChange={(event) => onAccount(event.target.value)}
            options={[
              ...(options.length === 0 ? [['', 'The default account'] as const] : []),
              ...options,
            ]}
          />
        )}
      </Field>
      {takesActor && (
        <Field label="Who acts" hint="Such as a bot that moderates the channel.">
          {(control) => (
            <Select
              {...control}
              value={actor}
              onChange={(event) => onActor(event.target.value)}
              options={[['', 'The account itself'], ...options]}
            />
          )}
        </Field>
      )}
      {missing && (
        <div className="sm:col-span-2">
          <Notice tone="warn" title="This account cannot do it as it is">
            {missing.reason}
          </Notice>
        </div>
      )}
    </div>
  );
}

function MoreOptions({
  options,
  onChange,
}: {
  options: Options;
  onChange: (options: Options) => void;
}) {
  const set = (next: Partial<Options>) => onChange({ ...options, ...next });
  return (
    <details className="rounded-lg border border-line p-3">
      <summary className="font-medium">When and how</summary>
      <div className="mt-3 grid gap-4 sm:grid-cols-2">
        <Field label="Not before" hint="Your own time. Left out: now.">
          {(control) => (
            <Input
              {...control}
              type="datetime-local"
              value={options.run_at}
              onChange={(event) => set({ run_at: event.target.value })}
            />
          )}
        </Field>
        <Field label="Priority">
          {(control) => (
            <Select
              {...control}
              value={options.priority}
              onChange={(event) => set({ priority: event.target.value })}
              options={['LOW', 'NORMAL', 'HIGH']}
            />
          )}
        </Field>
        <Field label="Callback address" hint="Receives the outcome, signed.">
          {(control) => (
            <Input
              {...control}
              type="url"
              value={options.callback_url}
              onChange={(event) => set({ callback_url: event.target.value })}
            />
          )}
        </Field>
        <Field label="Idempotency key" hint="Left out, one is made for each content.">
          {(control) => (
            <Input
              {...control}
              value={options.idempotency_key}
              onChange={(event) => set({ idempotency_key: event.target.value })}
            />
          )}
        </Field>
        <CheckBox
          label="Answer at once and carry it out in the queue"
          checked={options.run_async}
          onChange={(event) => set({ run_async: event.target.checked })}
        />
      </div>
    </details>
  );
}

function Snippets({ envelope }: { envelope: EnvelopeText }) {
  const snippets = writeSnippets(envelope, window.location.origin);
  return (
    <Section title="The same as code">
      <Tabs.Root defaultValue="curl">
        <Tabs.List className="mb-2 flex flex-wrap gap-1">
          {snippets.map(([title]) => (
            <Tabs.Tab
              key={title}
              value={title}
              className="rounded-lg px-3 py-1 text-sm text-soft hover:bg-sunken data-active:bg-accent-soft data-active:font-medium data-active:text-accent"
            >
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {snippets.map(([title, code]) => (
          <Tabs.Panel key={title} value={title} tabIndex={-1}>
            <CodeBlock code={code} label={`The action as ${title}`} />
          </Tabs.Panel>
        ))}
      </Tabs.Root>
    </Section>
  );
}
