import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction } from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

class StartTyping {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000024' })
  channel_id!: string;
}

class StartTypingDone {
  @Flag('The bot is shown to type')
  typing_shown!: boolean;
}

/** @see https://discord.com/developers/docs/resources/channel#trigger-typing-indicator */
export const startTyping = discordAction({
  type: 'start_typing',
  group: 'messages',
  summary: 'Show for ten seconds that the bot types',
  docs: 'https://discord.com/developers/docs/resources/channel#trigger-typing-indicator',
  effect: 'create',
  repeatable: true,
  scopes: [],
  permissions: ['SEND_MESSAGES'],
  actsAs: 'account',
  input: StartTyping,
  output: StartTypingDone,
  request: ({ channel_id }) => ({
    method: 'POST',
    path: buildPath(['channels', channel_id, 'typing']),
  }),
  yes: 'no body',
  response: () => ({ typing_shown: true }),
  example: { input: { channel_id: '700000000000000024' }, output: { typing_shown: true } },
});
