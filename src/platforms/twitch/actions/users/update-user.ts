import { Text } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class UpdateUser {
  @Text('The description; empty takes it away', { min: 0, max: 300, example: 'I build things' })
  description!: string;
}

class UpdateUserResult {
  @Text('The description now', { min: 0 })
  description!: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#update-user */
export const updateUser = twitchAction({
  type: 'update_user',
  group: 'users',
  summary: 'Change the description of a user',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-user',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `twitch:user:${account.id}`,
  scopes: ['user:edit'],
  actsAs: 'account',
  input: UpdateUser,
  output: UpdateUserResult,
  request: ({ description }) => ({
    method: 'PUT',
    path: '/users',
    query: { description },
  }),
  response: ({ data: [{ description }] }: HelixOne<UpdateUserResult>) => ({ description }),
  example: { input: { description: 'I build things' }, output: { description: 'I build things' } },
});
