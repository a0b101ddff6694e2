import { Flag } from '../../../../actions/fields.js';
import { TwitchUser } from '../../names.js';
import { limitRoles } from '../../limits.js';
import { orderOfUser, queueOfModeration, twitchAction } from '../../twitch-action.js';

class VipRemove {
  @TwitchUser('The VIP', { example: '2008' })
  user_id!: string;
}

class VipRemoved {
  @Flag('The user is no longer a VIP')
  vip_removed!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#remove-channel-vip */
export const vipRemove = twitchAction({
  type: 'vip_remove',
  group: 'moderation',
  summary: 'Take the VIP role from a user',
  docs: 'https://dev.twitch.tv/docs/api/reference/#remove-channel-vip',
  effect: 'delete',
  order: orderOfUser,
  queue: queueOfModeration,
  scopes: ['channel:manage:vips'],
  actsAs: 'account',
  input: VipRemove,
  output: VipRemoved,
  limits: (context) => limitRoles(context, 'vip_remove'),
  request: ({ user_id }, { account }) => ({
    method: 'DELETE',
    path: '/channels/vips',
    query: { broadcaster_id: account.id, user_id },
  }),
  yes: 'no body',
  response: () => ({ vip_removed: true }),
  example: { input: { user_id: '2003' }, output: { vip_removed: true } },
});
