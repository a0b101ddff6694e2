import { Id, Integer, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { readList, twitchAction } from '../../twitch-action.js';

class GetGoals {}

class GetGoalsItem {
  @Id('Id of the goal')
  id!: string;

  @Text('follower, subscription, …')
  type!: string;

  @Text('Its description', { min: 0 })
  description!: string;

  @Integer('What is reached', { min: 0 })
  current_amount!: number;

  @Integer('What is wanted', { min: 0 })
  target_amount!: number;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-creator-goals */
export const getGoals = twitchAction({
  type: 'get_goals',
  group: 'audience',
  summary: 'Read the goals of the channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-creator-goals',
  effect: 'read',
  cacheSeconds: 10,
  scopes: ['channel:read:goals'],
  actsAs: 'account',
  input: GetGoals,
  output: listOf(GetGoalsItem),
  request: (_input, { account }) => ({
    method: 'GET',
    path: '/goals',
    query: { broadcaster_id: account.id },
  }),
  response: (answer) => ({
    items: readList<GetGoalsItem>(answer).map(
      ({ id, type, description, current_amount, target_amount }) => ({
        id,
        type,
        description,
        current_amount,
        target_amount,
      }),
    ),
  }),
  example: {
    input: {},
    output: {
      items: [
        {
          id: 'demo-goal',
          type: 'follower',
          description: 'A hundred friends',
          current_amount: 10,
          target_amount: 100,
        },
      ],
    },
  },
});
