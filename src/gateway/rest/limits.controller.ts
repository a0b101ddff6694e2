import { Controller, Get, Query, Req, UseInterceptors } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../callers/caller.js';
import { AuditInterceptor, openedCall } from '../../journal/audit.interceptor.js';
import { type ListedBucket, Limits } from '../../safeguards/limits.js';
import { requirePermissionOf } from '../../callers/permissions.js';
import { LimitsFilter } from '../contracts/bodies.js';
import { Ownership } from '../ownership.js';
import { parseBody } from './body.js';

/** What is left of every limit, counted for all replicas together. */
@Controller('api/v1/limits')
@UseInterceptors(AuditInterceptor)
export class LimitsController {
  constructor(
    private readonly limits: Limits,
    private readonly ownership: Ownership,
  ) {}

  @Get()
  async list(@Query() query: unknown, @Req() request: FastifyRequest): Promise<object> {
    const { caller } = openedCall(request);
    // Whoever acts may know what is left, and so may whoever looks after it.
    requirePermissionOf(caller, ['execute_actions', 'read_audit']);
    const { platform, account } = parseBody(LimitsFilter, query);
    const own = await this.ownership.listIds(caller);
    const { now, buckets } = await this.limits.list({ platform, account });
    return {
      limits: buckets
        .filter((bucket) => isWithinReach(caller, bucket) && isOfTenant(own, bucket))
        .map((bucket) => reportBucket(bucket, now)),
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
function isWithinReach(caller: Caller, bucket: ListedBucket): boolean {
  const { account: accountId } = bucket;
  if (bucket.bucket.startsWith(CALLER_BUDGET)) return isBudgetWithinReach(caller, bucket);
  const platform = readPlatform(bucket);
  return caller.reachesAccount(accountId === '' ? { platform } : { platform, accountId });
}

/** A budget is its caller's own; those of others are for callers that may read all of the log. */
function isBudgetWithinReach(caller: Caller, { bucket }: ListedBucket): boolean {
  const isOwn = bucket === `${CALLER_BUDGET}${caller.identity}`;
  return isOwn || (caller.permissions.has('read_audit') && !caller.isNarrowed);
}

/** A tenant sees the limits of its accounts and its own budget; what all share tells of others. */
function isOfTenant(own: ReadonlySet<string> | undefined, listed: ListedBucket): boolean {
  if (own === undefined || listed.bucket.startsWith(CALLER_BUDGET)) return true;
  return own.has(`${readPlatform(listed)}/${listed.account}`);
}

function reportBucket(listed: ListedBucket, now: number): object {
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
  };
}
