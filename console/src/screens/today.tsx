import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense } from 'react';
import { api, take } from '../api/client';
import { accounts, limits, stats } from '../api/queries';
import { useSession } from '../api/session';
import { showCount, showDuration, showNumber } from '../lib/format';
import { ButtonLink } from '../ui/button';
import { Ago, Badge, PlatformMark, type Tone } from '../ui/marks';
import { Card, Empty, Fault, Loaded, Loading, Page, Section } from '../ui/page';
import { isNearlySpent } from './limits-state';

const Chart = lazy(() =>
  import('../ui/chart').then(({ StatusChart }) => ({ default: StatusChart })),
);

/** Whether all is well; if not, whether it is the gateway or a platform, and who is needed. */
export function Today() {
  return (
    <Page
      title="Today"
      lead="Is all well, and does something need you?"
      actions={
        <ButtonLink to="/catalogue" kind="primary">
          Try an action
        </ButtonLink>
      }
    >
      <NeedsYou />
      <Figures />
      <Section title="The last 24 hours">
        <LastDay />
      </Section>
      <Section title="Platforms">
        <Platforms />
      </Section>
      <Section title="Replicas">
        <Replicas />
      </Section>
    </Page>
  );
}

interface Need {
  key: string;
  tone: Tone;
  text: ReactNode;
  link: ReactNode;
}

function NeedsYou() {
  const { may } = useSession();
  const held = useQuery({ ...accounts, enabled: may('manage_accounts'), refetchInterval: 15_000 });
  const dead = useQuery({
    queryKey: ['callbacks', 'dead', 'today'],
    enabled: may('read_audit'),
    queryFn: () => take(api.GET('/api/v1/callbacks', { params: { query: { state: 'dead' } } })),
    refetchInterval: 15_000,
  });
  const left = useQuery({ ...limits, enabled: may('read_audit') });
  const needs: Need[] = [];
  const ended = (held.data?.accounts ?? []).filter(({ state }) => state === 'reconnect');
  for (const { platform, account_id, login } of ended)
    needs.push({
      key: `${platform}.${account_id}`,
      tone: 'bad',
      text: (
        <>
          <PlatformMark platform={platform} /> {login || account_id} has to be connected again
        </>
      ),
      link: (
        <Link to="/connect" search={{ platform, account: account_id }} className="link">
          Reconnect
        </Link>
      ),
    });
  const deadCount = dead.data?.callbacks.length ?? 0;
  if (deadCount > 0)
    needs.push({
      key: 'callbacks',
      tone: 'bad',
      text: `${showCount(deadCount, 'callback')} could not be delivered`,
      link: (
        <Link to="/callbacks" search={{ state: 'dead' }} className="link">
          Look at them
        </Link>
      ),
    });
  const spent = (left.data?.limits ?? []).filter(
    (limit) => limit.kind === 'daily' && isNearlySpent(limit),
  );
  for (const limit of spent)
    needs.push({
      key: limit.bucket,
      tone: 'warn',
      text: (
        <>
          <PlatformMark platform={limit.platform} /> {showNumber(limit.left)} units of the day are
          left
        </>
      ),
      link: (
        <Link to="/limits" className="link">
          See who spends them
        </Link>
      ),
    });
  if (needs.length === 0)
    return (
      <Card className="mb-8">
        <Badge tone="good">all well</Badge> <span className="ml-2">Nothing needs you.</span>
      </Card>
    );
  return (
    <Section title="Needs you">
      <ul className="card divide-y divide-line">
        {needs.map(({ key, tone, text, link }) => (
          <li key={key} className="flex flex-wrap items-center gap-3 px-4 py-3">
            <Badge tone={tone}>{tone === 'bad' ? 'now' : 'soon'}</Badge>
            <span className="min-w-0 grow">{text}</span>
            {link}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Figure({ name, value, note }: { name: string; value: ReactNode; note?: ReactNode }) {
  return (
    <Card>
      <p className="text-sm text-soft">{name}</p>
      <p className="text-2xl font-semibold tabular-nums">{value}</p>
      {note && <p className="text-sm text-soft">{note}</p>}
    </Card>
  );
}

function Figures() {
  const query = useQuery(stats);
  if (query.error) return <Fault error={query.error} />;
  const figures = query.data?.stats;
  if (!figures) return <Loading />;
  const day = figures.last_24_hours;
  const total = Object.values(day).reduce((sum, count) => sum + count, 0);
  const good = day['SUCCEEDED'] ?? 0;
  return (
    <div className="mb-8 grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
      <Figure name="Actions in 24 hours" value={showNumber(total)} />
      <Figure
        name="Succeeded"
        value={total === 0 ? '–' : `${((good / total) * 100).toFixed(1)} %`}
        note={day['UNKNOWN'] ? `${showNumber(day['UNKNOWN'])} unknown` : undefined}
      />
      <Figure
        name="Running now"
        value={showNumber(figures.running)}
        note={`${showNumber(figures.waiting)} wait for limits`}
      />
      <Figure
        name="In the queue"
        value={showNumber(figures.queue.waiting)}
        note={
          figures.queue.late_ms > 0
            ? `the oldest is late by ${showDuration(figures.queue.late_ms)}`
            : 'on time'
        }
      />
    </div>
  );
}

function LastDay() {
  const query = useQuery({
    queryKey: ['day'],
    queryFn: () => take(api.GET('/api/v1/audit/stats')),
    refetchInterval: 30_000,
  });
  return (
    <Loaded query={query}>
      {({ counts: buckets }) =>
        buckets.length === 0 ? (
          <Empty title="Nothing was done in the last 24 hours">
            <Link to="/catalogue" className="link">
              Try an action
            </Link>
          </Empty>
        ) : (
          <Card>
            <Suspense fallback={<Loading />}>
              <Chart buckets={buckets} />
            </Suspense>
          </Card>
        )
      }
    </Loaded>
  );
}

const BREAKER_TONES: Readonly<Record<string, Tone>> = {
  closed: 'good',
  half_open: 'warn',
  open: 'bad',
};
const BREAKER_WORDS: Readonly<Record<string, string>> = {
  closed: 'answers',
  half_open: 'is being tried again',
  open: 'does not answer',
};

function Platforms() {
  const { may } = useSession();
  const held = useQuery({ ...accounts, enabled: may('manage_accounts') });
  const counts = Map.groupBy(held.data?.accounts ?? [], ({ platform }) => platform);
  const query = useQuery({
    queryKey: ['platforms'],
    queryFn: () => take(api.GET('/api/v1/platforms')),
    refetchInterval: 10_000,
  });
  return (
    <Loaded query={query}>
      {({ platforms }) => (
        <div className="grid gap-3 sm:grid-cols-3">
          {platforms.map(({ platform: name, state, breaker }) => (
            <Card key={name}>
              <p className="flex items-center justify-between gap-2">
                <PlatformMark platform={name} />
                {state === 'ready' ? (
                  <Badge tone={BREAKER_TONES[breaker] ?? 'plain'}>
                    {BREAKER_WORDS[breaker] ?? breaker}
                  </Badge>
                ) : (
                  <Badge>not set up</Badge>
                )}
              </p>
              <p className="mt-1 text-soft">
                {showCount(counts.get(name)?.length ?? 0, 'account')}
              </p>
              <Link
                to="/actions"
                search={{ platform: name, status: 'FAILED' }}
                className="link text-sm"
              >
                Failed actions
              </Link>
            </Card>
          ))}
        </div>
      )}
    </Loaded>
  );
}

function Replicas() {
  const query = useQuery({
    queryKey: ['replicas'],
    queryFn: () => take(api.GET('/api/v1/replicas')),
    refetchInterval: 5_000,
  });
  return (
    <Loaded query={query}>
      {({ replicas }) => (
        <ul className="card divide-y divide-line">
          {replicas.map((replica) => (
            <li key={replica.id} className="flex flex-wrap gap-x-4 px-4 py-2.5">
              <code>{replica.id}</code>
              <span className="ml-auto text-soft">
                seen <Ago moment={replica.seen_at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}
