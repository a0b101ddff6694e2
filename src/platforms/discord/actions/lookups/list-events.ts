import { Integer, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class ListEvents {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;
}

class ListEventsItem {
  @Snowflake('Id of the event')
  id!: string;

  @Text('Its name')
  name!: string;

  @Text('What it is about', { optional: true, min: 0 })
  description?: string;

  @Text('When it begins')
  starts_at!: string;

  @Text('When it ends', { optional: true })
  ends_at?: string;

  @Integer('Its state: 1 scheduled, 2 active, 3 completed, 4 cancelled', { min: 1 })
  status!: number;

  @Integer('Where it is: 1 a stage, 2 a voice channel, 3 elsewhere', { min: 1 })
  entity_type!: number;

  @Snowflake('Id of its channel', { optional: true })
  channel_id?: string;
}

interface DiscordListEvents {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly scheduled_start_time: string;
  readonly scheduled_end_time: string | null;
  readonly status: number;
  readonly entity_type: number;
  readonly channel_id: string | null;
}

/** @see https://discord.com/developers/docs/resources/guild-scheduled-event#list-scheduled-events-for-guild */
export const listEvents = discordAction({
  type: 'list_events',
  group: 'lookups',
  summary: 'List the scheduled events of a server',
  docs: 'https://discord.com/developers/docs/resources/guild-scheduled-event#list-scheduled-events-for-guild',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: ListEvents,
  output: listOf(ListEventsItem),
  request: ({ guild_id }) => ({
    method: 'GET',
    path: buildPath(['guilds', guild_id, 'scheduled-events']),
  }),
  yes: 'list',
  response: (answer: readonly DiscordListEvents[]) => ({
    items: answer.map((item) => ({
      id: item.id,
      name: item.name,
      description: item.description ?? undefined,
      starts_at: item.scheduled_start_time,
      ends_at: item.scheduled_end_time ?? undefined,
      status: item.status,
      entity_type: item.entity_type,
      channel_id: item.channel_id ?? undefined,
    })),
  }),
  example: {
    input: { guild_id: '800000000000000001' },
    output: {
      items: [
        {
          id: '1300000000000000101',
          name: 'Game night',
          starts_at: '2099-01-31T18:00:00+00:00',
          status: 1,
          entity_type: 3,
        },
      ],
    },
  },
});
