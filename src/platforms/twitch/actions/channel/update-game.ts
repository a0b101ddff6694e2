import { ActionFailure } from '../../../../actions/failures.js';
import { Flag, Id, Text } from '../../../../actions/fields.js';
import { TwitchGame } from '../../names.js';
import { readList, twitchAction } from '../../twitch-action.js';

const NO_GAME = '0';

class UpdateGame {
  @TwitchGame('The game or category; "0" takes it away', { optional: true, example: '509658' })
  game_id?: string;

  @Text('Its exact name, looked up when no id is given', {
    optional: true,
    max: 200,
    example: 'Just Chatting',
  })
  game_name?: string;
}

class UpdatedGame {
  @Flag('The game is changed')
  game_updated!: boolean;

  @Id('Id of the game that was set')
  game_id!: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#modify-channel-information */
export const updateGame = twitchAction({
  type: 'update_game',
  group: 'channel',
  summary: 'Change the game or category of the stream',
  docs: 'https://dev.twitch.tv/docs/api/reference/#modify-channel-information',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `twitch:channel:${account.id}`,
  scopes: ['channel:manage:broadcast'],
  actsAs: 'account',
  input: UpdateGame,
  output: UpdatedGame,
  check: ({ game_id, game_name }) =>
    (game_id === undefined) === (game_name === undefined)
      ? [{ field: 'game_id', message: 'give either game_id or game_name' }]
      : [],
  // Twitch ignores an unknown game and answers 204, so the game is looked up before it is set.
  run: async ({ game_id, game_name }, { account }, upstream) => {
    const id = game_id === NO_GAME ? NO_GAME : await findGame();
    await upstream.send({
      method: 'PATCH',
      path: '/channels',
      query: { broadcaster_id: account.id },
      body: { game_id: id },
      yes: 'no body',
    });
    return { game_updated: true, game_id: id };

    /** @see https://dev.twitch.tv/docs/api/reference/#get-games */
    async function findGame(): Promise<string> {
      const answer = await upstream.send({
        method: 'GET',
        path: '/games',
        query: { id: game_id, name: game_name },
        placeholder: { data: [{ id: game_id ?? `<id of the game "${game_name}">` }] },
      });
      const [game] = readList<{ id: string }>(answer);
      if (game) return game.id;
      const wanted = game_id === undefined ? `exact name "${game_name}"` : `id "${game_id}"`;
      throw new ActionFailure('NOT_FOUND', `Twitch knows no game of the ${wanted}`);
    }
  },
  example: {
    input: { game_name: 'Just Chatting' },
    output: { game_updated: true, game_id: '509658' },
  },
});
