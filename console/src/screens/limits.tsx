import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '../api/client';
import { limits as limitsQuery } from '../api/queries';
import { showClock, showNumber } from '../lib/format';
import { Ago, Badge, PlatformMark } from '../ui/marks';
import { Card, Empty, Loaded, Page, Section, Table } from '../ui/page';
import { NEARLY } from './limits-state';

type Limit = Schemas['Limit'];

const KINDS: Readonly<Record<Limit['kind'], string>> = {
  window: 'sliding window',
  learned: 'told by the platform',
  daily: 'units of a day',
  noes: 'refusals before a block',
  allowance: 'requests of a caller',
};

/** What is left of every limit, over all replicas. */
export function Limits() {
  const query = useQuery(limitsQuery);
  return (
    <Page
      title="Limits"
      lead="What is left of every limit of the platforms and of the callers, counted over all replicas."
    >
      <Loaded query={query}>
        {({ limits }) => {
          const daily = limits.filter(({ kind }) => kind === 'daily');
          const others = limits.filter(({ kind }) => kind !== 'daily');
          if (limits.length === 0)
            return (
              <Empty title="Nothing is counted yet">
                A limit appears with the first action that it concerns.
              </Empty>
            );
          return (
            <>
              {daily.length > 0 && (
                <Section title="Units of the day">
                  <div className="grid gap-4 sm:grid-cols-2">
                    {daily.map((limit) => (
                      <Day key={limit.bucket} limit={limit} />
                    ))}
                  </div>
                </Section>
              )}
              <Section title="Every bucket">
                <Table label="Limits" head={['Platform', 'Bucket', 'Kind', 'Used', 'Left', 'New']}>
                  {others
                    .toSorted((a, b) => b.used / b.limit - a.used / a.limit)
                    .map((limit) => (
                      <tr key={limit.bucket}>
                        <td>
                          <PlatformMark platform={limit.platform} />
                        </td>
                        <td>
                          <code className="break-all">{limit.bucket}</code>
                        </td>
                        <td className="whitespace-nowrap">{KINDS[limit.kind]}</td>
                        <td className="min-w-40">
                          <Bar limit={limit} />
                        </td>
                        <td className="whitespace-nowrap">
                          {showNumber(limit.left)} of {showNumber(limit.limit)}
                        </td>
                        <td>
                          <Ago moment={limit.reset_at} />
                        </td>
                      </tr>
                    ))}
                </Table>
              </Section>
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Bar({ limit }: { limit: Limit }) {
  const share = limit.limit > 0 ? Math.min(1, limit.used / limit.limit) : 0;
  return (
    <div
      role="meter"
      aria-label={`Used of ${limit.bucket}`}
      aria-valuenow={limit.used}
      aria-valuemin={0}
      aria-valuemax={limit.limit}
      className="h-2.5 overflow-hidden rounded-full bg-sunken"
    >
      <div
        className={`h-full rounded-full ${share >= 1 ? 'bg-bad' : share >= NEARLY ? 'bg-warn' : 'bg-accent'}`}
        style={{ width: `${share * 100}%` }}
      />
    </div>
  );
}

/** Units of a day, with a forecast to the hour at which they are new. */
function Day({ limit }: { limit: Limit }) {
  const shares = limit.shares ?? [];
  return (
    <Card>
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <PlatformMark platform={limit.platform} />
        {limit.left === 0 ? (
          <Badge tone="bad">spent</Badge>
        ) : limit.spent_at ? (
          <Badge tone="warn">spent at {showClock(limit.spent_at)} at the present pace</Badge>
        ) : (
          <Badge tone="good">lasts to the reset</Badge>
        )}
      </div>
      <code className="text-xs break-all text-soft">{limit.bucket}</code>
      <div className="my-2">
        <Bar limit={limit} />
      </div>
      <p>
        {showNumber(limit.used)} of {showNumber(limit.limit)} used, {showNumber(limit.left)} left.
        New <Ago moment={limit.reset_at} /> ({showClock(limit.reset_at)}).
      </p>
      {shares.length > 0 && (
        <details className="mt-3">
          <summary>Who spends them</summary>
          <ul className="mt-2 grid gap-1 text-sm">
            {shares.map((share) => (
              <li key={share.account_id} className="flex justify-between gap-3">
                <span className="min-w-0 truncate">{share.account_id}</span>
                <span>{showNumber(share.units)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Card>
  );
}
