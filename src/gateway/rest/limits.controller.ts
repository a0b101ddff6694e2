import { Controller, Get, Query, Req, UseInterceptors } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../actions/caller.js';
import { AuditInterceptor, openedCall } from '../../audit/audit.interceptor.js';
import { type ListedBucket, Limits } from '../../safeguards/limits.js';
import { requirePermissionOf } from '../caller-tokens.js';
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
        .filter((bucket) => isWithinReach(caller, bucket) && isOfTenant(caller, own, bucket))
        .map((bucket) => reportBucket(bucket, now)),
      timestamp: new Date(now).toISOString(),
    };
  }
}

/** The platform of a bucket is the beginning of its name. */
function readPlatform({ bucket }: ListedBucket): string {
  return bucket.slice(0, bucket.indexOf(':'));
}

/** What belongs to no account, such as a quota, concerns all who act on its platform. */
function isWithinReach({ platforms, accounts }: Caller, bucket: ListedBucket): boolean {
  const { account } = bucket;
  return (
    (platforms?.has(readPlatform(bucket)) ?? true) &&
    (account === '' || (accounts?.has(account) ?? true))
  );
}

/** A tenant sees the limits of its accounts and its own budget; what all share tells of others. */
function isOfTenant(
  { id }: Caller,
  own: ReadonlySet<string> | undefined,
  listed: ListedBucket,
): boolean {
  if (own === undefined || listed.bucket === `gateway:caller:${id}`) return true;
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
