import type { Upstream } from '../../../../actions/action.js';
import { ActionFailure } from '../../../../actions/failures.js';
import { Flag, Integer, List } from '../../../../actions/fields.js';
import { carryOutParts } from '../../../../actions/parts.js';
import { buildPath, discordAction, orderOfGuild, Reason, Snowflake } from '../../discord-action.js';
import {
  type GuildChannel,
  idsOf,
  keepOnly,
  LOCKDOWN_PERMISSIONS,
  type LockdownRecord,
  nameRecord,
  type OverwritePart,
  planUnlock,
  readRecord,
  requireEveryOverwrite,
  UndoneOverwrites,
  writeOverwrite,
  writeRecord,
} from '../../lockdown.js';

/** The channel, the overwrite or the role is gone, so that there is nothing to put back. */
const GONE: ReadonlySet<string | undefined> = new Set(['10003', '10009', '10011']);

class Unlock {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Reason()
  reason?: string;
}

class Unlocked extends UndoneOverwrites {
  @Flag('No channel is locked by a lockdown any more')
  unlocked!: boolean;

  @Integer('Channels that a lockdown had locked', { min: 0 })
  channels!: number;

  @List('Ids of the channels whose permissions are as they were')
  unlocked_channel_ids!: string[];

  @List('Ids of locked channels that are deleted')
  gone_channel_ids!: string[];
}

/**
 * Puts the permissions of a lockdown back to how they were. What could not be put back stays stored for a repeat.
 * @see https://discord.com/developers/docs/resources/channel#edit-channel-permissions
 */
export const unlock = discordAction({
  type: 'unlock',
  group: 'moderation',
  summary: 'Unlock a server: put the permissions that a lockdown changed back to how they were',
  docs: 'https://discord.com/developers/docs/resources/channel#edit-channel-permissions',
  effect: 'update',
  repeatable: true,
  order: orderOfGuild('lockdown'),
  scopes: [],
  permissions: LOCKDOWN_PERMISSIONS,
  actsAs: 'account',
  takesLong: true,
  input: Unlock,
  output: Unlocked,
  run: async ({ guild_id, reason }, _context, upstream) => {
    const channels = await listChannels(guild_id, upstream);
    const name = nameRecord(guild_id);
    const record = readRecord(
      await upstream.changeRecord(name, (now) => now, JSON.stringify(SHOWN)),
    ) ?? { by: '', channels: {} };
    const locked = Object.keys(record.channels);
    const gone = locked.filter((id) => !channels.some((channel) => channel.id === id));
    const parts = planUnlock(record, channels);
    const tell = (undone: ReadonlySet<string>) => ({
      unlocked: undone.size === 0,
      channels: locked.length,
      unlocked_channel_ids: locked.filter((id) => !undone.has(id) && !gone.includes(id)),
      gone_channel_ids: gone,
    });
    const report = await carryOutParts(
      parts,
      upstream,
      (done) => tell(idsOf(parts.filter((part) => !done.includes(part)))),
      (part) => putBack(part, reason, upstream),
    );
    const { failed, inDoubt, untried } = report;
    const undone = [...[...failed, ...inDoubt].map(({ part }) => part), ...untried];
    await upstream.changeRecord(name, (now) => {
      const latest = readRecord(now);
      // A lockdown that came in the meantime needs all of it.
      return latest?.by === record.by ? writeRecord(keepOnly(record, undone)) : now;
    });
    const result = tell(idsOf(undone));
    requireEveryOverwrite(report, result);
    return result;
  },
  example: {
    input: { guild_id: '800000000000000001', reason: 'The raid is over' },
    output: {
      unlocked: true,
      channels: 1,
      unlocked_channel_ids: ['700000000000000024'],
      gone_channel_ids: [],
    },
  },
});

const SHOWN_CHANNEL = '<id of a locked channel>';
const SHOWN_ROLE = '<id of a role>';
/** What a dry run, which does not read the record, shows in its place. */
const SHOWN: LockdownRecord = { by: '', channels: { [SHOWN_CHANNEL]: { [SHOWN_ROLE]: null } } };

/** @see https://discord.com/developers/docs/resources/guild#get-guild-channels */
function listChannels(guildId: string, upstream: Upstream): Promise<readonly GuildChannel[]> {
  const overwrite = { id: SHOWN_ROLE, type: 0, allow: '0', deny: '2048' };
  return upstream.send<readonly GuildChannel[]>({
    method: 'GET',
    path: buildPath(['guilds', guildId, 'channels']),
    yes: 'list',
    placeholder: [{ id: SHOWN_CHANNEL, type: 0, permission_overwrites: [overwrite] }],
  });
}

async function putBack(
  part: OverwritePart,
  reason: string | undefined,
  upstream: Upstream,
): Promise<void> {
  try {
    await upstream.send(writeOverwrite(part, reason));
  } catch (error) {
    const failure =
      error instanceof ActionFailure ? (error.details.refusedStep ?? error) : undefined;
    if (failure?.code !== 'NOT_FOUND' || !GONE.has(failure.details.platformCode)) throw error;
  }
}
