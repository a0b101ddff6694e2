import type { EnvelopeFormContract } from '../doors/door/schema.js';
import { defineSchema, FREE, TEXT, YES_NO } from '../doors/door/schema.js';

/** What the earlier Twitch service answered, and what its callers still read. */
const TWITCH_FORM_ANSWER = defineSchema('TwitchFormAnswer', {
  type: 'object',
  description: "The answer to the earlier Twitch service's form; whether it worked is in `success`",
  required: ['success', 'message', 'action_id', 'result_data', 'error'],
  properties: { success: YES_NO, message: TEXT, action_id: TEXT, result_data: FREE, error: TEXT },
  additionalProperties: false,
});

const TWITCH_FORM = defineSchema('TwitchForm', {
  type: 'object',
  description:
    "The earlier Twitch service's form: told by `broadcaster_id` and by the missing `platform`",
  required: ['action_type', 'broadcaster_id'],
  properties: {
    action_type: { ...TEXT, description: 'An action type of twitch' },
    broadcaster_id: { ...TEXT, description: 'Whose channel' },
    parameters: { ...FREE, description: 'Values may be texts, such as "60"' },
    request_id: { ...TEXT, description: 'Correlation only' },
  },
  additionalProperties: false,
});

/** How the contract describes envelopes in the form of the earlier Twitch service. */
export const TWITCH_ENVELOPES: EnvelopeFormContract = {
  name: 'earlier Twitch service',
  summary: "The earlier Twitch service's form",
  note:
    'A body with `broadcaster_id` and without `platform` is the form of the earlier Twitch ' +
    "service; it gets that service's answer, with the HTTP status 200 also when the action failed.",
  request: TWITCH_FORM,
  answer: TWITCH_FORM_ANSWER,
  example: {
    action_type: 'chat_message',
    broadcaster_id: '1001',
    parameters: { message: 'Hello, chat!' },
    request_id: 'request-1',
  },
};
