import { Integer, Text, Token, URL_TEXT } from '../../actions/fields.js';
import type { BotSettings } from '../../actions/platform.js';
import { declarePlatform } from '../platform-declaration.js';
import { DEMO_CHANNEL, SANDBOX_BOT, SANDBOX_DISCORD_CLIENT } from './simulation/seed.js';

class DiscordVariables {
  @Token("Token of the Discord bot that acts when no account is named: Discord's default account", {
    optional: true,
  })
  DISCORD_BOT_TOKEN?: string;

  @Text('Client id of the application of that bot, for letting it into servers in the browser', {
    optional: true,
    pattern: /^\d{1,20}$/,
    patternMeans: 'an id of Discord, which is made of digits',
  })
  DISCORD_CLIENT_ID?: string;

  @Text('Client secret of that application', { optional: true, private: true })
  DISCORD_CLIENT_SECRET?: string;

  @Text('Base URL of the pages at which people let a bot into a server', {
    default: 'https://discord.com/oauth2',
    ...URL_TEXT,
  })
  DISCORD_AUTH_URL!: string;

  @Integer('Version of the Discord API', { min: 10, max: 99, default: 10 })
  DISCORD_API_VERSION!: number;

  @Integer(
    'Refusals of Discord (401, 403, 429) in ten minutes, over all replicas, after which nothing is sent to it; at 10,000 Discord blocks an IP address',
    { min: 1, max: 10_000, default: 5_000 },
  )
  DISCORD_INVALID_REQUESTS!: number;

  @Text('Base URL of the Discord API; left out, https://discord.com/api in that version', {
    optional: true,
    example: 'https://discord.com/api/v10',
  })
  DISCORD_API_URL?: string;
}

export const discord = declarePlatform<DiscordVariables, BotSettings>({
  name: 'discord',
  title: 'Discord',
  variables: DiscordVariables,
  credentials: ['DISCORD_BOT_TOKEN'],
  howToGetCredentials: 'make a bot in the developer portal of Discord',
  findFaults({ DISCORD_CLIENT_ID: id, DISCORD_CLIENT_SECRET: secret }) {
    if ((id === undefined) === (secret === undefined)) return [];
    const missing = id === undefined ? 'DISCORD_CLIENT_ID' : 'DISCORD_CLIENT_SECRET';
    return [`${missing} is missing: set both for the application of the bot, or neither`];
  },
  readSettings: (variables, { version, homepage }) => ({
    apiUrl:
      variables.DISCORD_API_URL ?? `https://discord.com/api/v${variables.DISCORD_API_VERSION}`,
    authUrl: variables.DISCORD_AUTH_URL,
    clientId: variables.DISCORD_CLIENT_ID ?? '',
    clientSecret: variables.DISCORD_CLIENT_SECRET ?? '',
    botToken: variables.DISCORD_BOT_TOKEN ?? '',
    mostNoes: variables.DISCORD_INVALID_REQUESTS,
    version,
    homepage,
  }),
  async load(settings) {
    const { DiscordPlatform } = await import('./discord.platform.js');
    return new DiscordPlatform(settings);
  },
  sandbox: {
    async loadSimulation() {
      const { DiscordSimulation } = await import('./simulation/discord.js');
      return (now, revocations) => new DiscordSimulation(now, revocations);
    },
    describe: (url) => ({
      apiUrl: `${url}/discord/api/v10`,
      authUrl: `${url}/discord/oauth2`,
      clientId: SANDBOX_DISCORD_CLIENT.id,
      clientSecret: SANDBOX_DISCORD_CLIENT.secret,
      botToken: SANDBOX_BOT.token,
    }),
    // The demo bot is the default account.
    demoAccounts: [],
    firstAction: { type: 'send_message', parameters: { channel_id: DEMO_CHANNEL, content: 'hi' } },
    restoreInvite: (invite) => ({ name: 'restore-invite', body: invite }),
    restore: ({ login, tokens }) => ({
      name: 'restore-bot',
      body: { access_token: tokens['access_token'], ...(login && { username: login }) },
    }),
  },
});
