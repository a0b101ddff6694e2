import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, ApiProblem, type Schemas, take } from '../api/client';
import { catalogue, flags as flagsQuery } from '../api/queries';
import { showMoment, showName } from '../lib/format';
import { Button } from '../ui/button';
import { Confirm, Dialog } from '../ui/dialog';
import { Field, Input, Switch } from '../ui/form';
import { Ago, Badge, PlatformMark } from '../ui/marks';
import { Card, Loaded, Page, Section } from '../ui/page';
import { tell } from '../ui/toast';

type Flag = Schemas['Flag'];

/** What a person is about to switch, as they saw it. */
interface Change {
  flag: Flag;
  enabled: boolean;
}

/** Switches actions on and off: everything, a platform, a group, an action, or for one account or caller. */
export function Flags() {
  const flags = useQuery(flagsQuery);
  const actions = useQuery(catalogue);
  const [change, setChange] = useState<Change>();
  const [shown, setShown] = useState<string>();
  const { text = '' } = useSearch({ from: '/flags' });
  const navigate = useNavigate({ from: '/flags' });
  return (
    <Page
      title="Switches"
      lead="An action is off if its platform, its group or the action itself is off. A change is in force on every replica within a second."
    >
      <Loaded query={flags}>
        {({ flags: list }) => (
          <Loaded query={actions}>
            {({ actions: known }) => (
              <>
                <Panic flags={list} onChange={setChange} />
                <div className="mb-4 max-w-md">
                  <Field label="Search">
                    {(control) => (
                      <Input
                        {...control}
                        type="search"
                        placeholder="Such as: ban"
                        value={text}
                        onChange={(event) =>
                          void navigate({
                            search: { text: event.target.value || undefined },
                            replace: true,
                          })
                        }
                      />
                    )}
                  </Field>
                </div>
                <Narrow flags={list} onChange={setChange} onHistory={setShown} />
                <Tree
                  flags={list}
                  actions={known}
                  text={text}
                  onChange={setChange}
                  onHistory={setShown}
                />
              </>
            )}
          </Loaded>
        )}
      </Loaded>
      {change && <ChangeFlag change={change} onClose={() => setChange(undefined)} />}
      <Dialog
        open={shown !== undefined}
        onClose={() => setShown(undefined)}
        title={`History of ${shown ?? ''}`}
      >
        {shown !== undefined && <FlagHistory flag={shown} />}
      </Dialog>
    </Page>
  );
}

const EVERYTHING = '*';

/** One switch for everything. */
function Panic({
  flags,
  onChange,
}: {
  flags: readonly Flag[];
  onChange: (change: Change) => void;
}) {
  const flag = flags.find(({ key }) => key === EVERYTHING);
  if (!flag) return null;
  return (
    <Card className={`mb-6 ${flag.enabled ? '' : '!border-bad !bg-bad-soft'}`}>
      <div className="flex flex-wrap items-center gap-4">
        <div className="min-w-0 grow">
          <h2 className="font-semibold">
            {flag.enabled ? 'Everything may run' : 'Everything is stopped'}
          </h2>
          <p className="text-soft">
            {flag.enabled
              ? 'The panic switch stops every action on every platform at once. Reads and this console go on.'
              : flag.reason}
          </p>
        </div>
        <Button
          kind={flag.enabled ? 'danger' : 'primary'}
          onClick={() => onChange({ flag, enabled: !flag.enabled })}
        >
          {flag.enabled ? 'Stop everything' : 'Let everything run'}
        </Button>
      </div>
    </Card>
  );
}

/** Switches that hold for one account or caller. */
function Narrow({
  flags,
  onChange,
  onHistory,
}: {
  flags: readonly Flag[];
  onChange: (change: Change) => void;
  onHistory: (key: string) => void;
}) {
  const narrow = flags.filter(({ key }) => key.includes('@'));
  if (narrow.length === 0) return null;
  return (
    <Section title="For one account or caller">
      <ul className="card divide-y divide-line">
        {narrow.map((flag) => (
          <FlagRow
            key={flag.key}
            flag={flag}
            label={flag.key}
            onChange={onChange}
            onHistory={onHistory}
          />
        ))}
      </ul>
    </Section>
  );
}

function Tree({
  flags,
  actions,
  text,
  onChange,
  onHistory,
}: {
  flags: readonly Flag[];
  actions: readonly Schemas['ActionDescription'][];
  text: string;
  onChange: (change: Change) => void;
  onHistory: (key: string) => void;
}) {
  const byKey = useMemo(() => new Map(flags.map((flag) => [flag.key, flag])), [flags]);
  const words = text.toLowerCase();
  const platforms = Map.groupBy(actions, ({ platform }) => platform);
  return [...platforms].map(([platform, members]) => {
    const groups = Map.groupBy(members, ({ group }) => group);
    const flag = byKey.get(platform);
    return (
      <Section key={platform} title={<PlatformMark platform={platform} />}>
        <ul className="card divide-y divide-line">
          {flag && (
            <FlagRow
              flag={flag}
              label="The whole platform"
              onChange={onChange}
              onHistory={onHistory}
            />
          )}
          {[...groups].map(([group, inGroup]) => {
            const found = inGroup.filter(({ action_type }) =>
              `${action_type} ${group}`.toLowerCase().includes(words),
            );
            if (found.length === 0) return null;
            const groupFlag = byKey.get(`${platform}.${group}`);
            const off = found.filter(
              ({ action_type }) => byKey.get(`${platform}.${action_type}`)?.enabled === false,
            );
            return (
              <li key={group}>
                {groupFlag && (
                  <ul>
                    <FlagRow
                      flag={groupFlag}
                      label={showName(group)}
                      onChange={onChange}
                      onHistory={onHistory}
                    />
                  </ul>
                )}
                <details open={words !== '' || undefined} className="px-4 pb-2">
                  <summary className="text-sm text-soft">
                    {found.length} actions{off.length > 0 && `, ${off.length} off`}
                  </summary>
                  <ul className="mt-1 ml-3 border-l border-line">
                    {found.map(({ action_type }) => {
                      const one = byKey.get(`${platform}.${action_type}`);
                      return (
                        one && (
                          <FlagRow
                            key={action_type}
                            flag={one}
                            label={<code>{action_type}</code>}
                            onChange={onChange}
                            onHistory={onHistory}
                          />
                        )
                      );
                    })}
                  </ul>
                </details>
              </li>
            );
          })}
        </ul>
      </Section>
    );
  });
}

function FlagRow({
  flag,
  label,
  onChange,
  onHistory,
}: {
  flag: Flag;
  label: React.ReactNode;
  onChange: (change: Change) => void;
  onHistory: (key: string) => void;
}) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2">
      <Switch
        label={`${flag.key} is ${flag.enabled ? 'on' : 'off'}`}
        checked={flag.enabled}
        onChange={(enabled) => onChange({ flag, enabled })}
      />
      <span className="min-w-0 font-medium break-all">{label}</span>
      {!flag.enabled && <Badge tone="bad">off</Badge>}
      {flag.is_set && (
        <span className="text-sm text-soft">
          {flag.reason && `“${flag.reason}” `}by {flag.changed_by || 'the gateway'},{' '}
          <Ago moment={flag.changed_at} />
        </span>
      )}
      <span className="ml-auto">
        <Button
          size="small"
          kind="quiet"
          aria-label={`History of ${flag.key}`}
          onClick={() => onHistory(flag.key)}
        >
          History
        </Button>
      </span>
    </li>
  );
}

/** Another admin may have switched the same flag since this one looked: then they are told, and look again. */
function ChangeFlag({ change, onClose }: { change: Change; onClose: () => void }) {
  const queries = useQueryClient();
  const { flag, enabled } = change;
  const name = flag.key === EVERYTHING ? 'everything' : flag.key;
  return (
    <Confirm
      open
      onClose={onClose}
      title={`Switch ${name} ${enabled ? 'on' : 'off'}?`}
      label={enabled ? 'Switch it on' : 'Switch it off'}
      danger={!enabled}
      reason
      run={async (reason) => {
        try {
          await take(
            api.PUT('/api/v1/flags/{key}', {
              params: { path: { key: flag.key } },
              body: { enabled, reason: reason ?? '', if_version: flag.version },
            }),
          );
          tell(`${name} is ${enabled ? 'on' : 'off'}`);
        } catch (fault) {
          if (fault instanceof ApiProblem && fault.status === 409)
            void queries.invalidateQueries({ queryKey: ['flags'] });
          throw fault;
        }
        await queries.invalidateQueries({ queryKey: ['flags'] });
        await queries.invalidateQueries({ queryKey: ['catalogue'] });
      }}
    >
      {enabled
        ? 'New actions are carried out again; what waits in the queue goes on.'
        : 'New actions are refused with the reason; what waits in the queue is refused when its turn comes.'}
    </Confirm>
  );
}

function FlagHistory({ flag }: { flag: string }) {
  const query = useInfiniteQuery({
    queryKey: ['flag-history', flag],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/v1/flags/{key}/history', {
          params: { path: { key: flag }, query: { before: pageParam } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  return (
    <Loaded query={query}>
      {({ pages }) => {
        const entries = pages.flatMap((page) => page.entries);
        if (entries.length === 0) return <p className="text-soft">It was never switched.</p>;
        return (
          <>
            <ol className="grid gap-2">
              {entries.map((entry) => (
                <li key={entry.id}>
                  <span className="font-medium">{describeChange(entry.details)}</span> by{' '}
                  {entry.caller_id || 'the gateway'}, {showMoment(entry.happened_at)}
                  {entry.reason && <p className="text-soft">“{entry.reason}”</p>}
                </li>
              ))}
            </ol>
            {query.hasNextPage && (
              <Button className="mt-3" size="small" onClick={() => void query.fetchNextPage()}>
                Show older
              </Button>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function describeChange(details: Record<string, unknown>): string {
  if (details['enabled'] === true) return 'Switched on';
  if (details['enabled'] === false) return 'Switched off';
  return 'Back to the default';
}
