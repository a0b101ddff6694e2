import { Text, URL_TEXT } from '../../actions/fields.js';
import type { PlatformSettings } from '../../actions/platform.js';
import { declarePlatform } from '../platform-declaration.js';
import { SANDBOX_CLIENT } from './simulation/client.js';

class TwitchVariables {
  @Text('Client id of the application registered with Twitch', { optional: true })
  TWITCH_CLIENT_ID?: string;

  @Text('Client secret of that application', { optional: true, private: true })
  TWITCH_CLIENT_SECRET?: string;

  @Text('Base URL of the Helix API', { default: 'https://api.twitch.tv/helix', ...URL_TEXT })
  TWITCH_API_URL!: string;

  @Text('Base URL of the OAuth server of Twitch', {
    default: 'https://id.twitch.tv/oauth2',
    ...URL_TEXT,
  })
  TWITCH_AUTH_URL!: string;
}

export const twitch = declarePlatform<TwitchVariables, PlatformSettings>({
  name: 'twitch',
  title: 'Twitch',
  variables: TwitchVariables,
  credentials: ['TWITCH_CLIENT_ID', 'TWITCH_CLIENT_SECRET'],
  howToGetCredentials: 'register an application with Twitch',
  readSettings: (variables) => ({
    apiUrl: variables.TWITCH_API_URL,
    authUrl: variables.TWITCH_AUTH_URL,
    clientId: variables.TWITCH_CLIENT_ID ?? '',
    clientSecret: variables.TWITCH_CLIENT_SECRET ?? '',
  }),
  async load(settings) {
    const { TwitchPlatform } = await import('./twitch.platform.js');
    return new TwitchPlatform(settings);
  },
  sandbox: {
    async loadSimulation() {
      const { TwitchSimulation } = await import('./simulation/twitch.js');
      return (now, revocations) => new TwitchSimulation(now, revocations);
    },
    describe: (url) => ({
      apiUrl: `${url}/twitch/helix`,
      authUrl: `${url}/twitch/oauth2`,
      clientId: SANDBOX_CLIENT.id,
      clientSecret: SANDBOX_CLIENT.secret,
    }),
    demoAccounts: ['1001', '1002', '1003', '1004'].map((id) => ({ id, grant: { user_id: id } })),
    exampleAccount: '1001',
    firstAction: { type: 'chat_message', parameters: { message: 'Hello, chat!' } },
    restore: ({ accountId, tokens }) => ({
      name: 'restore-grant',
      body: { user_id: accountId, ...tokens },
    }),
  },
});
