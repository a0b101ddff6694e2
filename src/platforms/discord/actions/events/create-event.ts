import { Text, Timestamp } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import {
  Kind,
  list,
  moment,
  object,
  oneOf,
  Shape,
  text,
  whole,
} from '../../../../actions/shapes.js';
import { buildPath, discordAction, giveReason, Reason, Snowflake } from '../../discord-action.js';
import { DiscordChannel } from '../../names.js';
import { Picture, readPictures } from '../../pictures.js';
import { findEventFaults } from '../../events.js';

class CreateEvent {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Text('Its name', { example: 'Movie night', max: 100 })
  name!: string;

  @Text('What it is about', { optional: true, min: 0, max: 1000 })
  description?: string;

  @Picture('Its picture', { optional: true })
  image?: string;

  @Timestamp('When it begins', { example: '2099-02-01T18:00:00Z' })
  scheduled_start_time!: string;

  @Timestamp('When it ends', { optional: true })
  scheduled_end_time?: string;

  @Kind('Who sees it', { guild_only: 2 }, { example: 2 })
  privacy_level!: number;

  @Kind('Where it is', { stage: 1, voice: 2, external: 3 }, { example: 3 })
  entity_type!: number;

  @DiscordChannel('The channel', { optional: true })
  channel_id?: string;

  @Shape(
    'How it is repeated',
    object({
      start: moment,
      '?end': moment,
      frequency: oneOf(3, 2, 1, 0),
      '?interval': whole(-2147483648, 2147483647),
      '?by_weekday': list(oneOf(0, 1, 2, 3, 4, 5, 6), 0, 7, true),
      '?by_n_weekday': list(object({ n: whole(1, 5), day: oneOf(0, 1, 2, 3, 4, 5, 6) }), 0, 7),
      '?by_month': list(oneOf(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 0, 12, true),
      '?by_month_day': list(whole(-1, 31), 0, 33, true),
      '?by_year_day': list(whole(-1, 365), 0, 367, true),
      '?count': whole(-2147483648, 2147483647),
    }),
    { optional: true },
  )
  recurrence_rule?: JsonObject;

  @Shape('Where it is, for an event elsewhere', object({ location: text(1, 100) }), {
    optional: true,
  })
  entity_metadata?: JsonObject;

  @Reason()
  reason?: string;
}

class CreateEventResult {
  @Snowflake('Id of the event')
  event_id!: string;

  @Text('Its name')
  name!: string;
}

interface CreateEventAnswer {
  readonly id: string;
  readonly name: string;
}

/** @see https://discord.com/developers/docs/resources/guild-scheduled-event#create-guild-scheduled-event */
export const createEvent = discordAction({
  type: 'create_event',
  group: 'events',
  summary: 'Schedule an event',
  docs: 'https://discord.com/developers/docs/resources/guild-scheduled-event#create-guild-scheduled-event',
  effect: 'create',
  scopes: [],
  permissions: ['MANAGE_EVENTS'],
  actsAs: 'account',
  input: CreateEvent,
  output: CreateEventResult,
  check: findEventFaults,
  run: async (input, _context, upstream) => {
    const { guild_id, reason, ...body } = input;
    const pictures = await readPictures(body, ['image'], upstream);
    const answer = await upstream.send<CreateEventAnswer>({
      method: 'POST',
      path: buildPath(['guilds', guild_id, 'scheduled-events']),
      headers: giveReason(reason),
      body: { ...body, ...pictures },
    });
    return { event_id: answer.id, name: answer.name };
  },
  example: {
    input: {
      guild_id: '800000000000000001',
      name: 'Movie night',
      scheduled_start_time: '2099-02-01T18:00:00Z',
      scheduled_end_time: '2099-02-01T20:00:00Z',
      privacy_level: 2,
      entity_type: 3,
      entity_metadata: { location: 'The park' },
    },
    output: { event_id: '1300000000000000005', name: 'Movie night' },
  },
});
