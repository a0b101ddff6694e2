import type { DailyLimit } from '../../actions/limit.js';
import type { QuotaSettings } from '../../actions/platform.js';
import type { PlatformRequest } from '../../actions/wire.js';

/** Calls that have days of their own, apart from the units. */
const DAILY_CALLS = {
  uploads: { path: /^\/upload\/youtube\/v3\/videos$/, calls: 100 },
  searches: { path: /^\/youtube\/v3\/search$/, calls: 100 },
} as const;

/** What a request counts against: the units of the project, or the calls of its own kind. */
export function limitQuota(
  { path }: Pick<PlatformRequest, 'path'>,
  { project, accountId, cost }: { project: string; accountId: string; cost: number },
  { daily, reserve, perAccount }: QuotaSettings,
): DailyLimit[] {
  const day = { kind: 'daily', countToReset: countToQuotaReset } as const;
  for (const [name, { path: own, calls }] of Object.entries(DAILY_CALLS)) {
    if (!own.test(path)) continue;
    const counted = { ...day, units: calls, reserve: 0, cost: 1 };
    return [
      { ...counted, bucket: `youtube:${name}:${project}`, payer: accountId },
      // What a channel may upload in a day is unpublished: it is learned when YouTube says no.
      { ...counted, bucket: `youtube:${name}:account:${accountId}`, account: accountId },
    ];
  }
  return [
    {
      ...day,
      bucket: `youtube:units:${project}`,
      payer: accountId,
      units: daily,
      reserve,
      cost,
    },
    ...(perAccount > 0
      ? [
          {
            ...day,
            bucket: `youtube:account:${accountId}`,
            account: accountId,
            units: perAccount,
            reserve: 0,
            cost,
          },
        ]
      : []),
  ];
}

const HOUR = 3_600_000;

/** Minutes are whole everywhere, so that an hour and a day say where a clock stands. */
const PACIFIC = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
});

/** Year, month, day and hour on a Pacific clock. */
function readPacificClock(at: number): Readonly<Record<'year' | 'month' | 'day' | 'hour', number>> {
  const parts = new Map(PACIFIC.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const read = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return { year: read('year'), month: read('month'), day: read('day'), hour: read('hour') };
}

/**
 * Milliseconds until the daily quota is new: at the next midnight in Pacific time. The clocks change
 * at two in the morning, so there is exactly one midnight a day, 7 or 8 hours behind that of UTC.
 * @param now Unix milliseconds
 */
export function countToQuotaReset(now: number): number {
  const { year, month, day } = readPacificClock(now);
  const midnightInUtc = Date.UTC(year, month - 1, day + 1);
  const inSummer = midnightInUtc + 7 * HOUR;
  const midnight = readPacificClock(inSummer).hour === 0 ? inSummer : midnightInUtc + 8 * HOUR;
  return midnight - now;
}
