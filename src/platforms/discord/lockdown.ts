import { isObject } from '../../actions/json.js';
import { ActionFailure } from '../../actions/failures.js';
import type { PlatformRequest } from '../../actions/wire.js';
import { type PartReport, requireEveryPart, type UndonePart } from '../../actions/parts.js';
import { List, Parts, Text } from '../../actions/fields.js';
import { buildPath, giveReason, Snowflake } from './discord-action.js';
import { type DiscordPermission, sumPermissions } from './permissions.js';

/** A role or a member in a channel. @see https://discord.com/developers/docs/resources/channel#overwrite-object */
interface Overwrite {
  readonly id: string;
  readonly allow: string;
  readonly deny: string;
}

/** A channel as the list of a server shows it. */
export interface GuildChannel {
  readonly id: string;
  readonly name?: string | null;
  readonly type: number;
  readonly permission_overwrites?: readonly Overwrite[];
}

/** What a role may and may not do in a channel; null where nothing was set for it. */
type Kept = { readonly allow: string; readonly deny: string } | null;

/** How the overwrites of locked roles were, by channel and role. */
export interface LockdownRecord {
  /** The id of the latest lockdown, so that an unlock does not take away what a newer one has kept. */
  readonly by: string;
  readonly channels: Readonly<Record<string, Readonly<Record<string, Kept>>>>;
}

/** One overwrite that is to be written. */
export interface OverwritePart {
  readonly channel: GuildChannel;
  readonly roleId: string;
  /** Null takes it away. */
  readonly next: Kept;
}

const WRITING: readonly DiscordPermission[] = [
  'SEND_MESSAGES',
  'SEND_MESSAGES_IN_THREADS',
  'CREATE_PUBLIC_THREADS',
  'CREATE_PRIVATE_THREADS',
];
// CONNECT stays: without it a bot cannot change a voice channel any more, and could not unlock it.
const SPEAKING: readonly DiscordPermission[] = ['SEND_MESSAGES', 'SPEAK'];

/** The kinds of channels that can be locked: their types, and what is denied in them. */
export const LOCKABLE: Readonly<
  Record<
    string,
    { readonly types: readonly number[]; readonly denied: readonly DiscordPermission[] }
  >
> = {
  text: { types: [0], denied: WRITING },
  announcement: { types: [5], denied: WRITING },
  forum: { types: [15, 16], denied: WRITING },
  voice: { types: [2, 13], denied: SPEAKING },
};

/** Every permission that a lockdown denies. A bot can deny only what it has itself. */
export const LOCKDOWN_PERMISSIONS: readonly DiscordPermission[] = [
  'MANAGE_ROLES',
  ...new Set(Object.values(LOCKABLE).flatMap(({ denied }) => denied)),
];

/** Channels of these kinds. */
export function pickLockable(
  channels: readonly GuildChannel[],
  kinds: readonly string[],
): GuildChannel[] {
  const types = new Set(kinds.flatMap((kind) => LOCKABLE[kind]?.types ?? []));
  return channels.filter(({ type }) => types.has(type));
}

/** The name of the record of a server. */
export function nameRecord(guildId: string): string {
  return `lockdown:${guildId}`;
}

/** @throws ActionFailure GATEWAY_UNAVAILABLE if it is not a record of this version */
export function readRecord(text: string | undefined): LockdownRecord | undefined {
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  if (isObject(value) && typeof value['by'] === 'string' && isObject(value['channels']))
    return value as unknown as LockdownRecord;
  throw new ActionFailure(
    'GATEWAY_UNAVAILABLE',
    'The record of the lockdown was written by a newer version of the gateway; use that one',
  );
}

/** The record as text; undefined when nothing is locked any more. */
export function writeRecord(record: LockdownRecord): string | undefined {
  return Object.keys(record.channels).length === 0 ? undefined : JSON.stringify(record);
}

/**
 * The record after a lockdown of these channels. What is locked already keeps what is recorded of it: a repeat
 * after a lockdown that was cut off must not take the lock for how the channel was. What is not locked is as it
 * was before this lockdown.
 */
export function extendRecord(
  before: LockdownRecord | undefined,
  channels: readonly GuildChannel[],
  roleIds: readonly string[],
  by: string,
): LockdownRecord {
  const kept: Record<string, Record<string, Kept>> = {};
  for (const [id, roles] of Object.entries(before?.channels ?? {})) kept[id] = { ...roles };
  for (const channel of channels) {
    const roles = (kept[channel.id] ??= {});
    for (const roleId of roleIds) {
      const now = findOverwrite(channel, roleId);
      if (!(roleId in roles) || !isLocked(channel, now)) roles[roleId] = now;
    }
  }
  return { by, channels: kept };
}

/** The overwrites that lock the channels; those that are locked already are left out. */
export function planLockdown(
  channels: readonly GuildChannel[],
  roleIds: readonly string[],
): OverwritePart[] {
  return channels.flatMap((channel) =>
    roleIds.flatMap((roleId) => {
      const now = findOverwrite(channel, roleId);
      return isLocked(channel, now) ? [] : [{ channel, roleId, next: lock(channel, now) }];
    }),
  );
}

/** The overwrites that put the channels back to how they were; those that are so already are left out. */
export function planUnlock(
  record: LockdownRecord,
  channels: readonly GuildChannel[],
): OverwritePart[] {
  return channels.flatMap((channel) =>
    Object.entries(record.channels[channel.id] ?? {}).flatMap(([roleId, next]) =>
      isSame(findOverwrite(channel, roleId), next) ? [] : [{ channel, roleId, next }],
    ),
  );
}

/** The record without everything but these overwrites. */
export function keepOnly(record: LockdownRecord, parts: readonly OverwritePart[]): LockdownRecord {
  const channels: Record<string, Record<string, Kept>> = {};
  for (const { channel, roleId, next } of parts) (channels[channel.id] ??= {})[roleId] = next;
  return { by: record.by, channels };
}

/** The record without these overwrites. */
export function leaveOutParts(
  record: LockdownRecord,
  parts: readonly OverwritePart[],
): LockdownRecord {
  const isOut = (id: string, roleId: string): boolean =>
    parts.some(({ channel, roleId: role }) => channel.id === id && role === roleId);
  const channels = Object.entries(record.channels).flatMap(([id, roles]) => {
    const left = Object.entries(roles).filter(([roleId]) => !isOut(id, roleId));
    return left.length > 0 ? [[id, Object.fromEntries(left)] as const] : [];
  });
  return { by: record.by, channels: Object.fromEntries(channels) };
}

/**
 * The request that writes an overwrite, or takes it away.
 * @see https://discord.com/developers/docs/resources/channel#edit-channel-permissions
 */
export function writeOverwrite(
  { channel, roleId, next }: OverwritePart,
  reason: string | undefined,
): PlatformRequest {
  const path = buildPath(['channels', channel.id, 'permissions', roleId]);
  const headers = giveReason(reason);
  if (!next) return { method: 'DELETE', path, headers, yes: 'no body' };
  const body = { type: ROLE, allow: writeSum(next.allow), deny: writeSum(next.deny) };
  return { method: 'PUT', path, headers, body, yes: 'no body' };
}

/** The ids of the channels of parts. */
export function idsOf(parts: readonly { readonly channel: GuildChannel }[]): ReadonlySet<string> {
  return new Set(parts.map(({ channel }) => channel.id));
}

/**
 * Throws unless every overwrite is as it should be, with what became of each.
 * @param result what is known of the result, without the parts that are not done
 */
export function requireEveryOverwrite(report: PartReport<OverwritePart>, result: object): void {
  requireEveryPart(report, {
    what: 'permissions',
    name: ({ channel }) => nameChannel(channel),
    partialResult: {
      ...result,
      failed: report.failed.map(tellUndone),
      in_doubt: report.inDoubt.map(tellUndone),
      not_tried: [...idsOf(report.untried)],
    },
  });
}

/** Who reads a refusal knows a channel by its name. */
function nameChannel({ id, name }: GuildChannel): string {
  return name ? `#${name} (${id})` : id;
}

/** An overwrite that is not as it should be. */
export class UndoneOverwrite {
  @Snowflake('Id of the channel')
  channel_id!: string;

  @Text('Its name', { min: 0 })
  channel_name!: string;

  @Snowflake('Id of the role')
  role_id!: string;

  @Text('Why, as Discord or the gateway says')
  error!: string;
}

/** The parts of a lockdown or an unlock that are not done; all of them are left out where everything is. */
export class UndoneOverwrites {
  @Parts('What surely had no effect', UndoneOverwrite, { optional: true })
  failed?: UndoneOverwrite[];

  @Parts('What may have happened: Discord gave no clear answer', UndoneOverwrite, {
    optional: true,
  })
  in_doubt?: UndoneOverwrite[];

  @List('Ids of channels that were not tried any more', { optional: true })
  not_tried?: string[];
}

function tellUndone({ part, failure }: UndonePart<OverwritePart>): UndoneOverwrite {
  return {
    channel_id: part.channel.id,
    channel_name: part.channel.name ?? '',
    role_id: part.roleId,
    error: failure.message,
  };
}

const ROLE = 0;

function findOverwrite({ permission_overwrites = [] }: GuildChannel, roleId: string): Kept {
  const found = permission_overwrites.find(({ id }) => id === roleId);
  return found ? { allow: found.allow, deny: found.deny } : null;
}

function bitsOf({ type }: GuildChannel): bigint {
  const kind = Object.values(LOCKABLE).find(({ types }) => types.includes(type));
  return BigInt(sumPermissions(kind?.denied ?? []));
}

function isLocked(channel: GuildChannel, now: Kept): boolean {
  const bits = bitsOf(channel);
  return now !== null && (BigInt(now.deny) & bits) === bits && (BigInt(now.allow) & bits) === 0n;
}

function lock(channel: GuildChannel, now: Kept): Kept {
  const bits = bitsOf(channel);
  return {
    allow: String(BigInt(now?.allow ?? 0) & ~bits),
    deny: String(BigInt(now?.deny ?? 0) | bits),
  };
}

function isSame(one: Kept, other: Kept): boolean {
  return one?.allow === other?.allow && one?.deny === other?.deny;
}

/** Discord's contract has a number, which may grow beyond what a number holds exactly. */
function writeSum(sum: string): number | string {
  const value = Number(sum);
  return Number.isSafeInteger(value) ? value : sum;
}
