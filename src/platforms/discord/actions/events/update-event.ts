import { List, Text, Timestamp } from '../../../../actions/fields.js';
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
import {
  buildPath,
  discordAction,
  giveReason,
  Reason,
  requireSame,
  Snowflake,
  takeAway,
} from '../../discord-action.js';
import { DiscordChannel } from '../../names.js';
import { Picture, readPictures } from '../../pictures.js';
import { findEventChangeFaults } from '../../events.js';

class UpdateEvent {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('Id of the event', { example: '1300000000000000102' })
  event_id!: string;

  @Kind('Its state', { scheduled: 1, active: 2, completed: 3, canceled: 4 }, { optional: true })
  status?: number;

  @Text('Its name', { optional: true, max: 100 })
  name?: string;

  @Text('What it is about', { optional: true, min: 0, max: 1000 })
  description?: string;

  @Picture('Its picture', { optional: true })
  image?: string;

  @Timestamp('When it begins', { optional: true })
  scheduled_start_time?: string;

  @Timestamp('When it ends', { optional: true })
  scheduled_end_time?: string;

  @Kind('Where it is', { stage: 1, voice: 2, external: 3 }, { optional: true })
  entity_type?: number;

  @Kind('Who sees it', { guild_only: 2 }, { optional: true })
  privacy_level?: number;

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

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: [
      'status',
      'description',
      'image',
      'scheduled_end_time',
      'channel_id',
      'recurrence_rule',
    ],
  })
  reset?: string[];

  @Reason()
  reason?: string;
}

class UpdateEventResult {
  @Snowflake('Id of the event')
  event_id!: string;
}

interface UpdateEventAnswer {
  readonly id: string;
}

/** @see https://discord.com/developers/docs/resources/guild-scheduled-event#modify-guild-scheduled-event */
export const updateEvent = discordAction({
  type: 'update_event',
  group: 'events',
  summary: 'Change an event, begin it, end it or cancel it',
  docs: 'https://discord.com/developers/docs/resources/guild-scheduled-event#modify-guild-scheduled-event',
  effect: 'update',
  repeatable: true,
  scopes: [],
  permissions: ['MANAGE_EVENTS'],
  actsAs: 'account',
  input: UpdateEvent,
  output: UpdateEventResult,
  check: (input) => findEventChangeFaults(input),
  run: async (input, _context, upstream) => {
    const { guild_id, event_id, reset, reason, ...body } = input;
    const pictures = await readPictures(body, ['image'], upstream);
    const answer = await upstream.send<UpdateEventAnswer>({
      method: 'PATCH',
      path: buildPath(['guilds', guild_id, 'scheduled-events', event_id]),
      headers: giveReason(reason),
      body: { ...body, ...takeAway(reset), ...pictures },
    });
    return { event_id: requireSame(answer.id, input.event_id) };
  },
  example: {
    input: { guild_id: '800000000000000001', event_id: '1300000000000000102', name: 'Art night' },
    output: { event_id: '1300000000000000102' },
  },
});
