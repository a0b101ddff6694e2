import { Controller } from '@nestjs/common';
import { Text } from '../../actions/fields.js';
import type { Caller } from '../../callers/caller.js';
import { type ListedBucket, Limits } from '../../safeguards/limits.js';
import { json, Route, type RouteRequest } from '../door/route.js';
import { defineObject, describeMembers, TEXT, TIME, WHOLE } from '../door/schema.js';
import { AccountAccess } from '../account-access.js';

/** Which limits are asked for; all of them without. */
class LimitsFilter {
  @Text('Those of this platform alone', { optional: true, max: 32, example: 'twitch' })
  platform?: string;

  @Text('Those of this account alone', { optional: true, max: 255, example: '1001' })
  account?: string;
}

interface LimitReport {
  readonly bucket: string;
  readonly platform: string;
  readonly account_id: string;
  readonly kind: string;
  readonly limit: number;
  readonly used: number;
  readonly left: number;
  readonly reset_in_ms: number;
  readonly reset_at: string;
  readonly reserve?: number;
  readonly spent_at?: string;
  readonly shares?: readonly Share[];
}

/** What one account has spent of a day that several share. */
interface Share {
  readonly account_id: string;
  readonly units: number;
}

interface LimitList {
  readonly limits: readonly LimitReport[];
  readonly timestamp: string;
}

const LIMIT = defineObject<LimitReport>(
  'Limit',
  {
    bucket: { ...TEXT, description: 'What is counted; its platform comes first' },
    platform: { ...TEXT, description: 'A platform, or `gateway` for budgets of callers' },
    account_id: {
      ...TEXT,
      description: 'The account it belongs to; empty where it belongs to none',
    },
    kind: {
      type: 'string',
      enum: ['window', 'learned', 'daily', 'noes', 'allowance'],
      description:
        'A sliding window, a window that the platform reports, units of a day, refusals that end in a ' +
        'lock-out, requests of a caller in a minute',
    },
    limit: WHOLE,
    used: WHOLE,
    left: WHOLE,
    reset_in_ms: {
      ...WHOLE,
      description: 'Milliseconds until it is new; of a window that slides, until more is free',
    },
    reset_at: { ...TIME, description: 'The same on the clock of the database' },
    reserve: { ...WHOLE, description: 'Of what is left, what only priority HIGH may take' },
    spent_at: {
      ...TIME,
      description:
        'Of units of a day: when they are spent at the pace since its beginning; missing if they last to the reset',
    },
    shares: {
      type: 'array',
      description:
        'Of units of a day that accounts share: what each account within your reach has spent, the most first. ' +
        'An empty `account_id` stands for all accounts that are not kept apart',
      items: describeMembers<Share>({ account_id: TEXT, units: WHOLE }),
    },
  },
  ['reserve', 'spent_at', 'shares'],
);

const LIMIT_LIST = defineObject<LimitList>('LimitList', {
  limits: { type: 'array', items: LIMIT },
  timestamp: TIME,
});

/** What is left of every limit, counted for all replicas together. */
@Controller()
export class LimitsController {
  constructor(
    private readonly limits: Limits,
    private readonly ownership: AccountAccess,
  ) {}

  /** Callers that act may know what is left, and so may those that read the log. */
  @Route({
    method: 'GET',
    path: '/api/v1/limits',
    tag: 'Operation',
    summary: 'Show what is left of every limit, counted for all replicas together',
    description: 'Takes the permission `execute_actions` or `read_audit`.',
    needs: ['execute_actions', 'read_audit'],
    query: LimitsFilter,
    answers: { 200: json('The limits that something was counted of', LIMIT_LIST) },
  })
  async listLimits({ caller, query }: RouteRequest<{ query: LimitsFilter }>): Promise<LimitList> {
    const { platform, account } = query;
    const own = await this.ownership.listIds(caller);
    const { now, buckets } = await this.limits.list({ platform, account });
    return {
      limits: buckets
        .filter((bucket) => isWithinReach(caller, bucket) && isOfTenant(own, bucket))
        .map((bucket) => reportBucket(caller, bucket, now)),
      timestamp: new Date(now).toISOString(),
    };
  }
}

/** In front of an identity, the bucket of a caller's budget. */
const CALLER_BUDGET = 'gateway:caller:';

/** The platform of a bucket is the beginning of its name. */
function readPlatform({ bucket }: ListedBucket): string {
  return bucket.slice(0, bucket.indexOf(':'));
}

/** What belongs to no account, such as a quota, concerns all who act on its platform. */
function isWithinReach(caller: Caller, listed: ListedBucket): boolean {
  const { bucket, account } = listed;
  if (bucket.startsWith(CALLER_BUDGET))
    return caller.reachesBudgetOf(bucket.slice(CALLER_BUDGET.length));
  const platform = readPlatform(listed);
  return caller.reachesAccount({ platform, accountId: account === '' ? undefined : account });
}

/** A tenant sees the limits of its accounts and its own budget; what all share tells of others. */
function isOfTenant(own: ReadonlySet<string> | undefined, listed: ListedBucket): boolean {
  if (own === undefined || listed.bucket.startsWith(CALLER_BUDGET)) return true;
  return own.has(`${readPlatform(listed)}/${listed.account}`);
}

function reportBucket(caller: Caller, listed: ListedBucket, now: number): LimitReport {
  const { bucket, kind, account, limit, used, left, resetInMs, reserve } = listed;
  return {
    bucket,
    platform: readPlatform(listed),
    account_id: account,
    kind,
    limit,
    used,
    left,
    reset_in_ms: Math.ceil(resetInMs),
    reset_at: new Date(now + resetInMs).toISOString(),
    ...(reserve !== undefined && { reserve }),
    ...(kind === 'daily' && forecast(listed, now)),
    ...(listed.shares && { shares: listShares(caller, listed, listed.shares) }),
  };
}

/** Who spends a shared day, as far as the caller reaches the accounts. */
function listShares(
  caller: Caller,
  listed: ListedBucket,
  shares: Readonly<Record<string, number>>,
): Share[] {
  const platform = readPlatform(listed);
  return Object.entries(shares)
    .filter(([id]) => caller.reachesAccount({ platform, accountId: id === '' ? undefined : id }))
    .map(([account_id, units]) => ({ account_id, units }))
    .toSorted((a, b) => b.units - a.units);
}

const DAY_MS = 86_400_000;

/** When the units of a day are spent, if they are used as fast as since its beginning. */
function forecast(
  { used, left, resetInMs }: ListedBucket,
  now: number,
): Pick<LimitReport, 'spent_at'> {
  if (left <= 0) return { spent_at: new Date(now).toISOString() };
  // On the two days of a year on which clocks change, this is wrong by an hour.
  const elapsedMs = Math.max(DAY_MS - resetInMs, 1);
  const lastsMs = used > 0 ? (left * elapsedMs) / used : Infinity;
  return lastsMs < resetInMs ? { spent_at: new Date(now + lastsMs).toISOString() } : {};
}
