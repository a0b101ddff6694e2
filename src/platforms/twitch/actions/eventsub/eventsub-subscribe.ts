import { Choice, Id, Part, Text, Values, WebAddress } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { EVENT_TYPES } from '../../event-types.js';
import { findTransportFaults } from '../../event-transport.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

/** Where events are sent. A WebSocket needs the token of a user, and is not offered here. */
class Transport {
  @Choice('How they are sent', ['webhook', 'conduit'])
  method!: string;

  @WebAddress('Where a webhook is called, over https on port 443', {
    optional: true,
    schemes: ['https'],
  })
  callback?: string;

  @Text('Signs what a webhook gets: 10 to 100 ASCII characters', {
    optional: true,
    private: true,
    min: 10,
    max: 100,
    pattern: /^[\x20-\x7e]+$/,
    patternMeans: 'ASCII',
  })
  secret?: string;

  @Id('Id of a conduit', { optional: true })
  conduit_id?: string;
}

class EventsubSubscribe {
  @Choice('Type of the events', EVENT_TYPES, { example: 'stream.online' })
  type!: string;

  @Text('Version of the type', { max: 10, default: '1' })
  version!: string;

  @Values('What it is about, such as {"broadcaster_user_id":"1001"}', {
    example: { broadcaster_user_id: '1001' },
  })
  condition!: JsonObject;

  @Part('Where the events are sent', Transport)
  transport!: Transport;
}

class EventsubSubscribeResult {
  @Id('Id of the subscription')
  subscription_id!: string;

  @Text('Its status')
  status!: string;
}

interface HelixEventsubSubscribe {
  readonly id: string;
  readonly status: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#create-eventsub-subscription */
export const eventsubSubscribe = twitchAction({
  type: 'eventsub_subscribe',
  group: 'eventsub',
  summary: 'Subscribe to events of Twitch',
  docs: 'https://dev.twitch.tv/docs/api/reference/#create-eventsub-subscription',
  effect: 'create',
  check: ({ transport }) => findTransportFaults(transport, 'transport'),
  scopes: [],
  actsAs: 'app',
  forOperators: true,
  input: EventsubSubscribe,
  output: EventsubSubscribeResult,
  request: ({ type, version, condition, transport }) => ({
    method: 'POST',
    path: '/eventsub/subscriptions',
    body: { type, version, condition, transport: { ...transport } },
  }),
  response: ({ data: [item] }: HelixOne<HelixEventsubSubscribe>) => ({
    subscription_id: item.id,
    status: item.status,
  }),
  example: {
    input: {
      type: 'stream.online',
      version: '1',
      condition: { broadcaster_user_id: '1001' },
      transport: { method: 'conduit', conduit_id: '5a6d0000-0000-4000-8000-000000000502' },
    },
    output: { subscription_id: '5a6d0000-0000-4000-8000-000000000511', status: 'enabled' },
  },
});
