import { createHash } from 'node:crypto';
import { BLOCKED_MS, tellsBlock } from '../../actions/address-block.js';
import { isObject } from '../../actions/json.js';
import type { Credential } from '../../actions/platform.js';
import type { Limit, LimitNews } from '../../actions/limit.js';
import type { PlatformAnswer, PlatformRequest } from '../../actions/wire.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** Requests of a bot in a second, or of an address without one. */
const PER_SECOND = 50;
const EPOCH = 1_420_070_400_000n;

/** Where a request belongs: its route, and of which resource it is. */
interface Route {
  readonly name: string;
  readonly major: string;
}

/**
 * What a request counts against: the bucket of its route and resource, all requests of the bot
 * together, and the refusals to this IP address. The buckets of routes have no published figures: answers name them.
 * @see https://discord.com/developers/docs/topics/rate-limits
 */
export function limitRequest(
  request: PlatformRequest,
  { accountId }: Pick<Credential, 'accountId'>,
  mostNoes: number,
  now: number,
): Limit[] {
  const who = request.withoutCredentials ? 'address' : accountId;
  const { name, major } = readRoute(request, now);
  const account = { account: accountId };
  return [
    {
      kind: 'learned',
      bucket: `discord:${who}:${major}:${name}`,
      assumed: { tokens: 1, windowMs: SECOND },
      route: { name: `discord:route:${name}`, of: `discord:${who}:${major}` },
      ...account,
    },
    {
      kind: 'window',
      bucket: `discord:global:${who}`,
      tokens: PER_SECOND,
      windowMs: SECOND,
      ...account,
    },
    { kind: 'noes', bucket: 'discord:noes', noes: mostNoes, windowMs: 10 * MINUTE },
  ];
}

/** What an answer says about the limits of its request. */
export function readLimits(answer: PlatformAnswer, limits: readonly Limit[]): LimitNews[] {
  return limits.flatMap(({ kind, bucket }): LimitNews[] => {
    if (kind === 'learned') return readBucket(answer, bucket);
    if (kind === 'window') return readGlobal(answer, bucket);
    return kind === 'noes' ? readNo(answer, bucket) : [];
  });
}

function readBucket({ status, headers, body }: PlatformAnswer, bucket: string): LimitNews[] {
  const tokens = readNumber(headers['x-ratelimit-limit']);
  const remaining = readNumber(headers['x-ratelimit-remaining']);
  const reset = readNumber(headers['x-ratelimit-reset-after']);
  const name = headers['x-ratelimit-bucket'];
  const standing: LimitNews =
    tokens && remaining !== undefined && reset !== undefined
      ? {
          bucket,
          kind: 'standing',
          tokens: Math.floor(tokens),
          remaining,
          resetAfterMs: Math.ceil(reset * SECOND),
          ...(name && { name: name.slice(0, 100) }),
        }
      : { bucket, kind: 'silent' };
  if (status !== 429 || isGlobal(headers, body)) return [standing];
  // A shared limit is not the bot's own bucket, which stays as it is.
  const kind = headers['x-ratelimit-scope'] === 'shared' ? 'paused' : 'closed';
  return [standing, { bucket, kind, forMs: readWait(headers, body) ?? SECOND }];
}

function readGlobal({ status, headers, body }: PlatformAnswer, bucket: string): LimitNews[] {
  if (status !== 429 || !isGlobal(headers, body)) return [];
  return [{ bucket, kind: 'closed', forMs: readWait(headers, body) ?? SECOND }];
}

/** Refusals count per IP address. A 429 for what others did does not count. */
function readNo(answer: PlatformAnswer, bucket: string): LimitNews[] {
  const { status, headers, body } = answer;
  const isOurs = status === 429 && headers['x-ratelimit-scope'] !== 'shared';
  if (status !== 401 && status !== 403 && !isOurs) return [];
  const isLockedOut = isDiscordBlock(answer);
  return [
    { bucket, kind: 'no' },
    ...(isLockedOut
      ? [{ bucket, kind: 'closed' as const, forMs: readWait(headers, body) ?? BLOCKED_MS }]
      : []),
  ];
}

/** The header and the body say the same, and a proxy may have taken the header away. */
function isGlobal(headers: PlatformAnswer['headers'], body: unknown): boolean {
  return (
    headers['x-ratelimit-scope'] === 'global' ||
    headers['x-ratelimit-global'] === 'true' ||
    (isObject(body) && body['global'] === true)
  );
}

/**
 * Whether this address is locked out. Discord's own 429 names a bucket, a scope or a time, its own 403 a
 * code; what stands in front of it answers with pages, or with JSON that has none of them.
 * @see https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
 */
export function isDiscordBlock({ status, headers, body }: PlatformAnswer): boolean {
  if (status !== 403 && status !== 429) return false;
  if (!isObject(body)) return true;
  const { code, message, retry_after, global } = body;
  if ('error_code' in body || 'cloudflare_error' in body) return true;
  const hasNoCode = typeof code !== 'number' || code === 0;
  if (hasNoCode && typeof message === 'string' && tellsBlock(message)) return true;
  if (Object.keys(body).length === 0) return false;
  if (status === 403) return typeof code !== 'number';
  const isOwn = retry_after !== undefined || typeof global === 'boolean';
  return hasNoCode && !isOwn && !Object.keys(headers).some((name) => OWN_HEADER.test(name));
}

const OWN_HEADER = /^x-ratelimit-/;

function readWait(headers: PlatformAnswer['headers'], body: unknown): number | undefined {
  const told =
    typeof body === 'object' && body !== null && 'retry_after' in body
      ? readNumber(String(body.retry_after))
      : undefined;
  const seconds = told ?? readNumber(headers['retry-after']);
  return seconds === undefined ? undefined : Math.ceil(seconds * SECOND);
}

/**
 * The route of a request: its path with the ids left out. Of these, the channel, the server or the
 * webhook at its beginning says whose bucket it is; the token of a webhook is a secret and not shown.
 */
function readRoute({ method, path }: PlatformRequest, now: number): Route {
  const [top = '', id = '', ...rest] = path.split('/').slice(1);
  const isWebhook = top === 'webhooks' && rest.length > 0;
  const [token = ''] = isWebhook ? rest : [];
  const below = isWebhook ? rest.slice(1) : rest;
  const major = [top, id, ...(token ? [hash(token)] : [])].join('.').slice(0, 100);
  const reactions = below.indexOf('reactions');
  // Adding and taking away a reaction share one bucket, for every emoji.
  const steps = reactions < 0 ? below : below.slice(0, reactions + 1);
  const template = steps.map((step) => (/^\d+$/.test(step) ? ':id' : step)).join('/');
  const verb = reactions < 0 ? method : 'REACT';
  const place = `${verb} /${top}/:id${isWebhook ? '/:token' : ''}${template && `/${template}`}`;
  return { name: place.slice(0, 100) + readAge(method, path, now), major };
}

/** Deleting a message that is very young or old counts apart from deleting any other. */
function readAge(method: string, path: string, now: number): string {
  const id = /\/messages\/(\d{15,20})$/.exec(path)?.[1];
  if (method !== 'DELETE' || id === undefined) return '';
  const age = now - Number((BigInt(id) >> 22n) + EPOCH);
  if (age < 10 * SECOND) return ' (young)';
  return age > 14 * DAY ? ' (old)' : '';
}

function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url').slice(0, 16);
}

/** A number, also with a fraction; undefined for nothing and for nonsense. */
function readNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
