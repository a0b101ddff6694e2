import { requireChange } from '../../../../actions/changes.js';
import { Flag, List, Timestamp } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  orderOfGuild,
  Snowflake,
  takeAway,
} from '../../discord-action.js';

interface LockServerAnswer {
  readonly invites_disabled_until: string | null;
}

class LockServer {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Timestamp('Until when invites are paused, at most a day', { optional: true })
  invites_disabled_until?: string;

  @Timestamp('Until when direct messages between members are paused, at most a day', {
    optional: true,
  })
  dms_disabled_until?: string;

  @List('Pauses to end', {
    optional: true,
    unique: true,
    choices: ['invites_disabled_until', 'dms_disabled_until'],
  })
  reset?: string[];
}

class LockServerDone {
  @Flag('The pauses are set')
  incident_actions_set!: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild#modify-guild-incident-actions */
export const lockServer = discordAction({
  type: 'lock_server',
  group: 'moderation',
  summary: 'Pause invites, and direct messages between members, for at most a day',
  docs: 'https://discord.com/developers/docs/resources/guild#modify-guild-incident-actions',
  effect: 'update',
  repeatable: true,
  order: orderOfGuild('incidents'),
  scopes: [],
  permissions: ['MANAGE_GUILD'],
  actsAs: 'account',
  input: LockServer,
  output: LockServerDone,
  check: ({ guild_id: _guild, ...changes }) => requireChange(changes),
  request: ({ guild_id, reset, ...body }) => ({
    method: 'PUT',
    path: buildPath(['guilds', guild_id, 'incident-actions']),
    body: { ...body, ...takeAway(reset) },
  }),
  response: (answer: LockServerAnswer) => {
    if (answer.invites_disabled_until === undefined)
      throw new TypeError('The answer does not tell the pauses');
    return { incident_actions_set: true };
  },
  example: {
    input: { guild_id: '800000000000000001', reset: ['dms_disabled_until'] },
    output: { incident_actions_set: true },
  },
});
