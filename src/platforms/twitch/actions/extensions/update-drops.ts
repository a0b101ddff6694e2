import { Choice, List, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { type HelixList, twitchAction } from '../../twitch-action.js';

class UpdateDrops {
  @List('Ids of the entitlements', {
    minItems: 1,
    maxItems: 100,
    maxLength: 64,
    unique: true,
    example: ['5a6d0000-0000-4000-8000-000000000521'],
  })
  entitlement_ids!: string[];

  @Choice('Their status', ['FULFILLED', 'CLAIMED'])
  fulfillment_status!: string;
}

class UpdateDropsItem {
  @Text(
    'What became of these entitlements: SUCCESS, INVALID_ID, NOT_FOUND, UNAUTHORIZED or UPDATE_FAILED',
  )
  status!: string;

  @List('Their ids')
  ids!: string[];
}

/** @see https://dev.twitch.tv/docs/api/reference/#update-drops-entitlements */
export const updateDrops = twitchAction({
  type: 'update_drops',
  group: 'extensions',
  summary: 'Mark drops as fulfilled or claimed',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-drops-entitlements',
  effect: 'update',
  repeatable: true,
  scopes: [],
  actsAs: 'app',
  forOperators: true,
  input: UpdateDrops,
  output: listOf(UpdateDropsItem, 1),
  request: ({ entitlement_ids, fulfillment_status }) => ({
    method: 'PATCH',
    path: '/entitlements/drops',
    body: { entitlement_ids, fulfillment_status },
  }),
  response: ({ data }: HelixList<UpdateDropsItem>) => ({
    items: data.map(({ status, ids }) => ({ status, ids })),
  }),
  example: {
    input: {
      entitlement_ids: ['5a6d0000-0000-4000-8000-000000000521'],
      fulfillment_status: 'FULFILLED',
    },
    output: { items: [{ status: 'SUCCESS', ids: ['5a6d0000-0000-4000-8000-000000000521'] }] },
  },
});
