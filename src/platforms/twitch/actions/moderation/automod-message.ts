import { Choice, Flag, Id } from '../../../../actions/fields.js';
import { twitchAction } from '../../twitch-action.js';

class AutomodMessage {
  @Id('Id of the held message', { example: '5a6d0000-0000-4000-8000-000000000601' })
  message_id!: string;

  @Choice('ALLOW shows it', ['ALLOW', 'DENY'])
  action!: string;
}

class AutomodMessageDone {
  @Flag('The message is shown or refused')
  message_judged!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#manage-held-automod-messages */
export const automodMessage = twitchAction({
  type: 'automod_message',
  group: 'moderation',
  summary: 'Let a held message pass, or refuse it',
  docs: 'https://dev.twitch.tv/docs/api/reference/#manage-held-automod-messages',
  effect: 'update',
  order: (_context, { message_id }) => `twitch:held:${message_id}`,
  scopes: ['moderator:manage:automod'],
  actsAs: 'actor',
  input: AutomodMessage,
  output: AutomodMessageDone,
  request: ({ message_id, action }, { actor }) => ({
    method: 'POST',
    path: '/moderation/automod/message',
    body: { user_id: actor.id, msg_id: message_id, action },
  }),
  yes: 'no body',
  response: () => ({ message_judged: true }),
  example: {
    input: { message_id: '5a6d0000-0000-4000-8000-000000000601', action: 'ALLOW' },
    output: { message_judged: true },
  },
});
