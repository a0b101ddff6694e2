import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class DeleteEvent {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('Id of the event', { example: '1300000000000000103' })
  event_id!: string;
}

class DeleteEventDone {
  @Flag('The event is gone')
  event_deleted!: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild-scheduled-event#delete-guild-scheduled-event */
export const deleteEvent = discordAction({
  type: 'delete_event',
  group: 'events',
  summary: 'Delete an event',
  docs: 'https://discord.com/developers/docs/resources/guild-scheduled-event#delete-guild-scheduled-event',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10070',
  scopes: [],
  permissions: ['MANAGE_EVENTS'],
  actsAs: 'account',
  input: DeleteEvent,
  output: DeleteEventDone,
  request: ({ guild_id, event_id }) => ({
    method: 'DELETE',
    path: buildPath(['guilds', guild_id, 'scheduled-events', event_id]),
  }),
  yes: 'no body',
  response: () => ({ event_deleted: true }),
  example: {
    input: { guild_id: '800000000000000001', event_id: '1300000000000000103' },
    output: { event_deleted: true },
  },
});
