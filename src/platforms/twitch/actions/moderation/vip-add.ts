import { Flag } from '../../../../actions/fields.js';
import { TwitchUser } from '../../names.js';
import { limitRoles } from '../../limits.js';
import { orderOfUser, queueOfModeration, twitchAction } from '../../twitch-action.js';

class VipAdd {
  @TwitchUser('The user who becomes a VIP', { example: '2005' })
  user_id!: string;
}

class VipAdded {
  @Flag('The user is a VIP of the channel')
  vip_added!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#add-channel-vip */
export const vipAdd = twitchAction({
  type: 'vip_add',
  group: 'moderation',
  summary: 'Make a user a VIP of the channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#add-channel-vip',
  effect: 'update',
  order: orderOfUser,
  queue: queueOfModeration,
  scopes: ['channel:manage:vips'],
  actsAs: 'account',
  input: VipAdd,
  output: VipAdded,
  limits: (context) => limitRoles(context, 'vip_add'),
  request: ({ user_id }, { account }) => ({
    method: 'POST',
    path: '/channels/vips',
    query: { broadcaster_id: account.id, user_id },
  }),
  yes: 'no body',
  response: () => ({ vip_added: true }),
  example: { input: { user_id: '2005' }, output: { vip_added: true } },
});
