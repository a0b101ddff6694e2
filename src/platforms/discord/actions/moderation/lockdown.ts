import type { Upstream } from '../../../../actions/action.js';
import { refuseInput } from '../../../../actions/failures.js';
import { Flag, Integer, List } from '../../../../actions/fields.js';
import { carryOutParts } from '../../../../actions/parts.js';
import {
  buildPath,
  discordAction,
  isSnowflake,
  orderOfGuild,
  Reason,
  Snowflake,
} from '../../discord-action.js';
import {
  extendRecord,
  type GuildChannel,
  idsOf,
  leaveOutParts,
  LOCKABLE,
  LOCKDOWN_PERMISSIONS,
  nameRecord,
  pickLockable,
  planLockdown,
  readRecord,
  requireEveryOverwrite,
  UndoneOverwrites,
  writeOverwrite,
  writeRecord,
} from '../../lockdown.js';
import { IDS } from '../../mentions.js';

const KINDS = Object.keys(LOCKABLE);
const MOST_CHANNELS = 500;
const MOST_ROLES = 20;

class Lockdown {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @List('Kinds of channels to lock', { default: KINDS, unique: true, minItems: 1, choices: KINDS })
  kinds!: string[];

  @List('Ids of the channels to lock; all of these kinds if left out', {
    ...IDS,
    optional: true,
    minItems: 1,
    maxItems: MOST_CHANNELS,
    example: ['700000000000000024'],
  })
  channel_ids?: string[];

  @List('Ids of channels that stay open', { ...IDS, optional: true, maxItems: MOST_CHANNELS })
  except_channel_ids?: string[];

  @List('Ids of roles that are denied as well, beside @everyone', {
    ...IDS,
    optional: true,
    maxItems: MOST_ROLES,
  })
  role_ids?: string[];

  @Reason()
  reason?: string;
}

class LockedDown extends UndoneOverwrites {
  @Flag('Every chosen channel is locked')
  locked!: boolean;

  @Integer('Channels that were to be locked', { min: 0 })
  channels!: number;

  @List('Ids of the channels that are locked now')
  locked_channel_ids!: string[];
}

/**
 * Denies @everyone, and other roles, to write and to speak. How the permissions were is stored, encrypted, before the
 * first of them is changed; unlock puts them back. A repeat goes on where an earlier lockdown was cut off.
 * @see https://discord.com/developers/docs/resources/channel#edit-channel-permissions
 */
export const lockdown = discordAction({
  type: 'lockdown',
  group: 'moderation',
  summary:
    'Lock a server: nobody but roles that are allowed to can write or speak, until it is unlocked',
  docs: 'https://discord.com/developers/docs/resources/channel#edit-channel-permissions',
  effect: 'update',
  // The same overwrites are written again.
  repeatable: true,
  order: orderOfGuild('lockdown'),
  scopes: [],
  permissions: LOCKDOWN_PERMISSIONS,
  actsAs: 'account',
  takesLong: true,
  input: Lockdown,
  output: LockedDown,
  check: ({ channel_ids = [], except_channel_ids = [], role_ids = [] }) =>
    Object.entries({ channel_ids, except_channel_ids, role_ids }).flatMap(([field, ids]) =>
      ids.every(isSnowflake) ? [] : [{ field, message: 'must hold ids of Discord' }],
    ),
  run: async (input, { actionId }, upstream) => {
    const { guild_id, role_ids = [], reason } = input;
    const chosen = chooseChannels(input, await listChannels(input, upstream));
    await requireRoles(guild_id, role_ids, upstream);
    // The role @everyone has the id of its server.
    const roles = [...new Set([guild_id, ...role_ids])];
    const name = nameRecord(guild_id);
    await upstream.changeRecord(name, (now) =>
      writeRecord(extendRecord(readRecord(now), chosen, roles, actionId)),
    );
    const parts = planLockdown(chosen, roles);
    const tell = (undone: ReadonlySet<string>) => ({
      locked: undone.size === 0,
      channels: chosen.length,
      locked_channel_ids: chosen.flatMap(({ id }) => (undone.has(id) ? [] : [id])),
    });
    const report = await carryOutParts(
      parts,
      upstream,
      (done) => tell(idsOf(parts.filter((part) => !done.includes(part)))),
      (part) => upstream.send(writeOverwrite(part, reason)),
    );
    const { failed, inDoubt, untried } = report;
    const unchanged = [...failed.map(({ part }) => part), ...untried];
    if (unchanged.length > 0)
      await upstream.changeRecord(name, (now) => {
        const latest = readRecord(now);
        // What is as it was needs no record, which would grow old.
        return latest?.by === actionId ? writeRecord(leaveOutParts(latest, unchanged)) : now;
      });
    const undone = [...unchanged, ...inDoubt.map(({ part }) => part)];
    const result = tell(idsOf(undone));
    requireEveryOverwrite(report, result);
    return result;
  },
  example: {
    input: {
      guild_id: '800000000000000001',
      kinds: ['text'],
      channel_ids: ['700000000000000024'],
      reason: 'Raid',
    },
    output: { locked: true, channels: 1, locked_channel_ids: ['700000000000000024'] },
  },
});

/** @see https://discord.com/developers/docs/resources/guild#get-guild-channels */
async function listChannels(
  { guild_id, kinds, channel_ids }: Lockdown,
  upstream: Upstream,
): Promise<readonly GuildChannel[]> {
  const type = LOCKABLE[kinds[0] ?? '']?.types[0] ?? 0;
  return upstream.send<readonly GuildChannel[]>({
    method: 'GET',
    path: buildPath(['guilds', guild_id, 'channels']),
    yes: 'list',
    placeholder: (channel_ids ?? ['<id of a channel>']).map((id) => ({
      id,
      type,
      permission_overwrites: [],
    })),
  });
}

/** @throws ActionFailure INVALID_INPUT if a channel that is named is not there, or none is left */
function chooseChannels(
  { kinds, channel_ids, except_channel_ids = [] }: Lockdown,
  channels: readonly GuildChannel[],
): GuildChannel[] {
  const lockable = pickLockable(channels, kinds);
  const strange = channel_ids?.filter((id) => !lockable.some((channel) => channel.id === id)) ?? [];
  if (strange.length > 0) {
    const message = `holds what is no ${kinds.join(', ')} channel of the server: ${strange.slice(0, 10).join(', ')}; list_channels tells ids and types`;
    throw refuseInput([{ field: 'parameters.channel_ids', message }]);
  }
  const chosen = lockable.filter(
    ({ id }) => (channel_ids?.includes(id) ?? true) && !except_channel_ids.includes(id),
  );
  if (chosen.length > 0) return chosen;
  const message = `leaves no channel to lock: the server has no other ${kinds.join(', ')} channel`;
  throw refuseInput([{ field: 'parameters.kinds', message }]);
}

/** @throws ActionFailure INVALID_INPUT if a role is not there */
async function requireRoles(
  guildId: string,
  roleIds: readonly string[],
  upstream: Upstream,
): Promise<void> {
  if (roleIds.length === 0) return;
  const roles = await upstream.send<readonly { readonly id: string }[]>({
    method: 'GET',
    path: buildPath(['guilds', guildId, 'roles']),
    yes: 'list',
    placeholder: roleIds.map((id) => ({ id })),
  });
  const strange = roleIds.filter((id) => !roles.some((role) => role.id === id));
  if (strange.length === 0) return;
  const message = `holds what is no role of the server: ${strange.join(', ')}; list_roles tells ids`;
  throw refuseInput([{ field: 'parameters.role_ids', message }]);
}
