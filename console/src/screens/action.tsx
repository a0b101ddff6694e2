import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, type Schemas, take } from '../api/client';
import { showDuration, showMoment, showName } from '../lib/format';
import { Button, ButtonLink } from '../ui/button';
import { JsonBlock } from '../ui/copy';
import { Confirm } from '../ui/dialog';
import { Badge, PlatformMark, StatusMark } from '../ui/marks';
import { FailureView } from '../ui/outcome';
import { Card, Facts, Loaded, Notice, Page, Section } from '../ui/page';
import { tell } from '../ui/toast';

type Detail = Schemas['DetailedOutcome'] & Schemas['ActionDetails'];
const NOTICE_TONES: Readonly<Record<string, 'good' | 'warn' | 'bad'>> = {
  SUCCEEDED: 'good',
  UNKNOWN: 'warn',
  REFUSED: 'bad',
  FAILED: 'bad',
};
const UNFINISHED = new Set(['QUEUED', 'SCHEDULED', 'RUNNING']);

/** One action: what was asked, what happened when, and what to do now. */
export function ActionScreen() {
  const { id } = useParams({ from: '/actions/$id' });
  const query = useQuery({
    queryKey: ['actions', 'one', id],
    queryFn: () =>
      take(api.GET('/api/v1/actions/{action_id}', { params: { path: { action_id: id } } })),
    select: (found): Detail => ({ ...found, ...found.action }),
    refetchInterval: ({ state }) =>
      state.data && UNFINISHED.has(state.data.status) ? 1_500 : false,
  });
  return (
    <Page
      title={query.data ? query.data.action_type : 'Action'}
      lead={query.data?.cause}
      actions={query.data && <Buttons action={query.data} />}
    >
      <Loaded query={query}>{(action) => <Details action={action} />}</Loaded>
    </Page>
  );
}

function Buttons({ action }: { action: Detail }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<'cancel' | 'replay'>();
  const isWaiting = action.status === 'QUEUED' || action.status === 'SCHEDULED';
  const cancel = async () => {
    await take(
      api.DELETE('/api/v1/actions/{action_id}', {
        params: { path: { action_id: action.action_id } },
      }),
    );
    await queries.invalidateQueries({ queryKey: ['actions'] });
    tell('The action was cancelled');
  };
  const replay = async () => {
    const { results } = await take(
      api.POST('/api/v1/actions/replay', {
        body: { action_ids: [action.action_id], including_unknown: action.status === 'UNKNOWN' },
      }),
    );
    const [made] = results;
    if (!made?.done || !made.new_action_id)
      throw new Error(made?.reason ?? 'It was not sent again');
    tell('It was sent again');
    await navigate({ to: '/actions/$id', params: { id: made.new_action_id } });
  };
  return (
    <>
      {isWaiting && (
        <Button kind="danger" onClick={() => setAsking('cancel')}>
          Cancel
        </Button>
      )}
      {!UNFINISHED.has(action.status) && action.status !== 'SUCCEEDED' && (
        <Button onClick={() => setAsking('replay')}>Send again</Button>
      )}
      <ButtonLink
        to="/catalogue/$platform/$action"
        params={{ platform: action.platform, action: action.action_type }}
        search={{ account: action.account_id || undefined }}
      >
        Open its form
      </ButtonLink>
      <Confirm
        open={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title={asking === 'cancel' ? 'Cancel this action?' : 'Send this action again?'}
        label={asking === 'cancel' ? 'Cancel it' : 'Send it again'}
        danger
        run={asking === 'cancel' ? cancel : replay}
      >
        {asking === 'cancel'
          ? 'It has not begun. Nothing is sent.'
          : action.status === 'UNKNOWN'
            ? 'It may have happened already: look at the platform first. Sent again, it may happen a second time.'
            : 'It is carried out once more, as a new action of yours.'}
      </Confirm>
    </>
  );
}

function Details({ action }: { action: Detail }) {
  return (
    <>
      <div className="mb-6 flex flex-wrap items-center gap-2">
        <StatusMark status={action.status} />
        <PlatformMark platform={action.platform} />
        {action.replayed && <Badge>replayed</Badge>}
        {action.sandbox && <Badge tone="warn">sandbox</Badge>}
      </div>
      <Notice tone={NOTICE_TONES[action.status] ?? 'info'} title={action.error || action.message}>
        {action.what_to_do}
      </Notice>
      {action.failure && <FailureView failure={action.failure} />}
      <Section title="When">
        <Card>
          <Waterfall action={action} />
        </Card>
      </Section>
      <Section title="What">
        <Card>
          <Facts
            facts={[
              [
                'Account',
                <AccountLink key="a" platform={action.platform} account={action.account_id} />,
              ],
              [
                'Acted as',
                action.actor_id !== action.account_id && (
                  <AccountLink platform={action.platform} account={action.actor_id} />
                ),
              ],
              ['Caller', action.caller_id],
              ['Effect', action.effect],
              ['Attempts', String(action.attempts)],
              ['Not before', showMoment(action.run_at)],
              [
                'Priority',
                action.priority === 'NORMAL' ? '' : showName(action.priority.toLowerCase()),
              ],
              ['Door', action.door],
              ['Batch', action.batch_id && <code>{action.batch_id}</code>],
              ['Idempotency key', action.idempotency_key && <code>{action.idempotency_key}</code>],
              ['Request id', action.request_id && <code>{action.request_id}</code>],
              ['Trace', action.trace_id && <code>{action.trace_id}</code>],
              ['Action id', <code key="id">{action.action_id}</code>],
            ]}
          />
        </Card>
      </Section>
      <Section title="Parameters">
        <JsonBlock value={action.parameters} label="Parameters" />
        <p className="mt-1 text-sm text-soft">Of private texts, the log keeps the length alone.</p>
      </Section>
      {Object.keys(action.result_data ?? {}).length > 0 && (
        <Section title="Result">
          <JsonBlock value={action.result_data} label="Result" />
        </Section>
      )}
    </>
  );
}

function AccountLink({ platform, account }: { platform: string; account: string }) {
  if (!account) return <>the default account</>;
  return (
    <Link to="/accounts/$platform/$account" params={{ platform, account }} className="link">
      {account}
    </Link>
  );
}

/** The steps of the action on one line of time. */
function Waterfall({ action }: { action: Detail }) {
  const steps = listSteps(action);
  const begin = steps[0]?.from ?? 0;
  const end = Math.max(...steps.map(({ to }) => to), begin + 1);
  return (
    <ol className="grid gap-2">
      {steps.map(({ name, from, to, tone }) => (
        <li key={name} className="grid items-center gap-x-3 sm:grid-cols-[9rem_minmax(0,1fr)_6rem]">
          <span className="text-sm">{name}</span>
          <span aria-hidden="true" className="relative h-3 rounded-full bg-sunken">
            <span
              className={`absolute inset-y-0 min-w-1 rounded-full ${tone}`}
              style={{
                left: `${((from - begin) / (end - begin)) * 100}%`,
                width: `${((to - from) / (end - begin)) * 100}%`,
              }}
            />
          </span>
          <span className="text-sm text-soft sm:text-right">{showDuration(to - from)}</span>
        </li>
      ))}
      <li className="text-sm text-soft">
        Received {showMoment(action.received_at)}
        {action.finished_at && `, finished ${showMoment(action.finished_at)}`}
      </li>
    </ol>
  );
}

interface Step {
  name: string;
  from: number;
  to: number;
  tone: string;
}

const at = (moment: string | null): number | undefined =>
  moment ? new Date(moment).getTime() : undefined;

/** The time from each known moment to the next. */
function listSteps(action: Detail): Step[] {
  const received = at(action.received_at)!;
  const started = at(action.started_at);
  const finished = at(action.finished_at);
  const steps: Step[] = [
    {
      name: 'Checks and waiting',
      from: received,
      to: started ?? finished ?? Date.now(),
      tone: 'bg-strong',
    },
  ];
  if (started !== undefined)
    steps.push({
      name: 'At the platform',
      from: started,
      to: finished ?? Date.now(),
      tone: 'bg-accent',
    });
  return steps;
}
