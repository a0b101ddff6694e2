import { Flag, Text } from '../../../../actions/fields.js';
import { twitchAction } from '../../twitch-action.js';

const COLOR =
  /^(#[0-9a-fA-F]{6}|blue|blue_violet|cadet_blue|chocolate|coral|dodger_blue|firebrick|golden_rod|green|hot_pink|orange_red|red|sea_green|spring_green|yellow_green)$/;

class SetChatColor {
  @Text('A named colour, such as blue; with Turbo or Prime also a colour such as #9146FF', {
    pattern: COLOR,
    patternMeans:
      'one of blue, blue_violet, cadet_blue, chocolate, coral, dodger_blue, firebrick, golden_rod, green, hot_pink, orange_red, red, sea_green, spring_green, yellow_green, or a colour such as #9146FF',
    example: 'blue',
  })
  color!: string;
}

class SetChatColorDone {
  @Flag('The name has the colour')
  color_set!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#update-user-chat-color */
export const setChatColor = twitchAction({
  type: 'set_chat_color',
  group: 'chat',
  summary: 'Change the colour of a name in chats',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-user-chat-color',
  effect: 'update',
  repeatable: true,
  order: ({ actor }) => `twitch:color:${actor.id}`,
  scopes: ['user:manage:chat_color'],
  actsAs: 'actor',
  input: SetChatColor,
  output: SetChatColorDone,
  request: ({ color }, { actor }) => ({
    method: 'PUT',
    path: '/chat/color',
    query: { user_id: actor.id, color },
  }),
  yes: 'no body',
  response: () => ({ color_set: true }),
  example: { input: { color: 'blue' }, output: { color_set: true } },
});
