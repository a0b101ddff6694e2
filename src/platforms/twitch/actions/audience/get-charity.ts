import { Id, Integer, Part, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { readList, twitchAction } from '../../twitch-action.js';

class Amount {
  @Integer('In the smallest unit of the currency', { min: 0 })
  value!: number;

  @Integer('Digits after the point', { min: 0 })
  decimal_places!: number;

  @Text('ISO 4217')
  currency!: string;
}

class GetCharity {}

class GetCharityItem {
  @Id('Id of the campaign')
  id!: string;

  @Text('The charity')
  charity_name!: string;

  @Part('What is reached', Amount)
  current_amount!: Amount;

  @Part('What is wanted', Amount, { optional: true })
  target_amount?: Amount;
}

interface HelixGetCharity {
  readonly id: string;
  readonly charity_name: string;
  readonly current_amount: Amount;
  readonly target_amount: Amount | null;
}

function readAmount({ value, decimal_places, currency }: Amount): Amount {
  return { value, decimal_places, currency };
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-charity-campaign */
export const getCharity = twitchAction({
  type: 'get_charity',
  group: 'audience',
  summary: 'Read the charity campaign of the channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-charity-campaign',
  effect: 'read',
  cacheSeconds: 10,
  scopes: ['channel:read:charity'],
  actsAs: 'account',
  input: GetCharity,
  output: listOf(GetCharityItem),
  request: (_input, { account }) => ({
    method: 'GET',
    path: '/charity/campaigns',
    query: { broadcaster_id: account.id },
  }),
  response: (answer) => ({
    items: readList<HelixGetCharity>(answer).map((item) => ({
      id: item.id,
      charity_name: item.charity_name,
      current_amount: readAmount(item.current_amount),
      target_amount: item.target_amount ? readAmount(item.target_amount) : undefined,
    })),
  }),
  example: {
    input: {},
    output: {
      items: [
        {
          id: 'demo-campaign',
          charity_name: 'Example Charity',
          current_amount: { value: 1050, decimal_places: 2, currency: 'EUR' },
          target_amount: { value: 100000, decimal_places: 2, currency: 'EUR' },
        },
      ],
    },
  },
});
