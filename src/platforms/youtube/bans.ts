import type { ActionContext } from '../../actions/action.js';

/** Where the id of a ban is kept: YouTube tells it once, and lists no bans. */
export function nameBan(liveChatId: string, channelId: string): string {
  return `ban:${liveChatId}:${channelId}`;
}

/** What is done to one person in one chat leaves in order of arrival. */
export function orderOfTarget(
  { account }: ActionContext,
  { target_channel_id }: { readonly target_channel_id?: string },
): string {
  return `youtube:target:${account.id}:${target_channel_id ?? ''}`;
}
