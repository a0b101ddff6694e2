import { Choice, Flag, Text } from '../../../../actions/fields.js';
import { limitAnnouncements } from '../../limits.js';
import { twitchAction } from '../../twitch-action.js';

class Announcement {
  @Text('What to announce', { visible: true, max: 500, private: true, example: 'We are live!' })
  message!: string;

  @Choice('Colour of the highlight', ['primary', 'blue', 'green', 'orange', 'purple'], {
    default: 'primary',
  })
  color!: string;

  @Flag('In a shared chat, show it in this channel alone; sent with the token of the application', {
    optional: true,
  })
  for_source_only?: boolean;
}

class SentAnnouncement {
  @Flag('Twitch took the announcement')
  announcement_sent!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#send-chat-announcement */
export const announcement = twitchAction({
  type: 'announcement',
  group: 'chat',
  summary: 'Highlight an announcement in the chat of a channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#send-chat-announcement',
  effect: 'create',
  order: ({ account }) => `twitch:chat:${account.id}`,
  scopes: ['moderator:manage:announcements'],
  moreScopes: ({ for_source_only }) => (for_source_only === undefined ? [] : ['user:bot']),
  actsAs: 'actor',
  actsAsApp: ({ for_source_only }) => for_source_only !== undefined,
  input: Announcement,
  output: SentAnnouncement,
  limits: limitAnnouncements,
  request: ({ message, color, for_source_only }, { account, actor }) => ({
    method: 'POST',
    path: '/chat/announcements',
    query: { broadcaster_id: account.id, moderator_id: actor.id },
    body: { message, color, for_source_only },
  }),
  yes: 'no body',
  response: () => ({ announcement_sent: true }),
  example: {
    input: { message: 'We are live!', color: 'purple' },
    output: { announcement_sent: true },
  },
});
