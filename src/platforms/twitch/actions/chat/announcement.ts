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
  actsAs: 'actor',
  input: Announcement,
  output: SentAnnouncement,
  limits: limitAnnouncements,
  request: ({ message, color }, { account, actor }) => ({
    method: 'POST',
    path: '/chat/announcements',
    query: { broadcaster_id: account.id, moderator_id: actor.id },
    body: { message, color },
  }),
  yes: 'no body',
  response: () => ({ announcement_sent: true }),
  example: {
    input: { message: 'We are live!', color: 'purple' },
    output: { announcement_sent: true },
  },
});
