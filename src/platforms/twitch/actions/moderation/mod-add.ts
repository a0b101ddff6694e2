import { Flag } from '../../../../actions/fields.js';
import { TwitchUser } from '../../names.js';
import { limitRoles } from '../../limits.js';
import { orderOfUser, queueOfModeration, twitchAction } from '../../twitch-action.js';

class ModAdd {
  @TwitchUser('The user who becomes a moderator', { example: '2004' })
  user_id!: string;
}

class ModAdded {
  @Flag('The user moderates the channel')
  moderator_added!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#add-channel-moderator */
export const modAdd = twitchAction({
  type: 'mod_add',
  group: 'moderation',
  summary: 'Make a user a moderator of the channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#add-channel-moderator',
  effect: 'update',
  order: orderOfUser,
  queue: queueOfModeration,
  scopes: ['channel:manage:moderators'],
  actsAs: 'account',
  input: ModAdd,
  output: ModAdded,
  limits: (context) => limitRoles(context, 'mod_add'),
  request: ({ user_id }, { account }) => ({
    method: 'POST',
    path: '/moderation/moderators',
    query: { broadcaster_id: account.id, user_id },
  }),
  yes: 'no body',
  response: () => ({ moderator_added: true }),
  example: { input: { user_id: '2004' }, output: { moderator_added: true } },
});
