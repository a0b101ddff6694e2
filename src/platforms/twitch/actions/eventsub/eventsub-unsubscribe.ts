import { Flag, Id } from '../../../../actions/fields.js';
import { twitchAction } from '../../twitch-action.js';

class EventsubUnsubscribe {
  @Id('Id of the subscription', { example: '5a6d0000-0000-4000-8000-000000000512' })
  subscription_id!: string;
}

class EventsubUnsubscribeDone {
  @Flag('No more events come')
  subscription_deleted!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#delete-eventsub-subscription */
export const eventsubUnsubscribe = twitchAction({
  type: 'eventsub_unsubscribe',
  group: 'eventsub',
  summary: 'End a subscription to events',
  docs: 'https://dev.twitch.tv/docs/api/reference/#delete-eventsub-subscription',
  effect: 'delete',
  scopes: [],
  actsAs: 'app',
  forOperators: true,
  input: EventsubUnsubscribe,
  output: EventsubUnsubscribeDone,
  request: ({ subscription_id }) => ({
    method: 'DELETE',
    path: '/eventsub/subscriptions',
    query: { id: subscription_id },
  }),
  yes: 'no body',
  response: () => ({ subscription_deleted: true }),
  example: {
    input: { subscription_id: '5a6d0000-0000-4000-8000-000000000512' },
    output: { subscription_deleted: true },
  },
});
