import { Flag } from '../../../../actions/fields.js';
import { TwitchUser } from '../../names.js';
import { limitRoles } from '../../limits.js';
import { orderOfUser, queueOfModeration, twitchAction } from '../../twitch-action.js';

class ModRemove {
  @TwitchUser('The moderator', { example: '1002' })
  user_id!: string;
}

class ModRemoved {
  @Flag('The user no longer moderates the channel')
  moderator_removed!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#remove-channel-moderator */
export const modRemove = twitchAction({
  type: 'mod_remove',
  group: 'moderation',
  summary: 'Take the moderator role from a user',
  docs: 'https://dev.twitch.tv/docs/api/reference/#remove-channel-moderator',
  effect: 'delete',
  order: orderOfUser,
  queue: queueOfModeration,
  scopes: ['channel:manage:moderators'],
  actsAs: 'account',
  input: ModRemove,
  output: ModRemoved,
  limits: (context) => limitRoles(context, 'mod_remove'),
  request: ({ user_id }, { account }) => ({
    method: 'DELETE',
    path: '/moderation/moderators',
    query: { broadcaster_id: account.id, user_id },
  }),
  yes: 'no body',
  response: () => ({ moderator_removed: true }),
  example: { input: { user_id: '1002' }, output: { moderator_removed: true } },
});
