import { Id, List, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { readList, twitchAction } from '../../twitch-action.js';

class FindUsers {
  @List('Ids, or logins such as "@name"; up to a hundred together', {
    minItems: 1,
    maxItems: 100,
    maxLength: 26,
    pattern: /^([0-9]{1,20}|@?[A-Za-z0-9_]{1,25})$/,
    patternMeans: 'an id of digits, or a login such as "@name"',
    example: ['@demo_channel', '1002'],
  })
  users!: string[];
}

class FoundUser {
  @Id('Id of the user, who has a channel of the same id')
  id!: string;

  @Text('Login')
  login!: string;

  @Text('Name as it is shown')
  name!: string;

  @Text('affiliate, partner, or empty', { min: 0 })
  broadcaster_type!: string;

  @Text('When the account was made')
  created_at!: string;
}

interface HelixUser {
  readonly id: string;
  readonly login: string;
  readonly display_name: string;
  readonly broadcaster_type: string;
  readonly created_at: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-users */
export const findUsers = twitchAction({
  type: 'find_users',
  group: 'lookups',
  summary: 'Find users by id or login; those that do not exist are missing from the answer',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-users',
  effect: 'read',
  cacheSeconds: 60,
  scopes: [],
  actsAs: 'app',
  input: FindUsers,
  output: listOf(FoundUser),
  request: ({ users }) => {
    const logins = users.filter((user) => !/^[0-9]+$/.test(user));
    return {
      method: 'GET',
      path: '/users',
      query: {
        id: users.filter((user) => /^[0-9]+$/.test(user)),
        login: logins.map((login) => login.replace(/^@/, '').toLowerCase()),
      },
    };
  },
  response: (answer) => ({
    items: readList<HelixUser>(answer).map(
      ({ id, login, display_name, broadcaster_type, created_at }) => ({
        id,
        login,
        name: display_name,
        broadcaster_type,
        created_at,
      }),
    ),
  }),
  example: {
    input: { users: ['@demo_channel', '1002'] },
    output: {
      items: [
        {
          id: '1001',
          login: 'demo_channel',
          name: 'Demo_Channel',
          broadcaster_type: 'affiliate',
          created_at: '2019-05-01T12:00:00Z',
        },
      ],
    },
  },
});
