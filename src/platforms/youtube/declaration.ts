import { Integer, Text, URL_TEXT } from '../../actions/fields.js';
import type { GoogleSettings } from '../../actions/platform.js';
import { declarePlatform } from '../platform-declaration.js';
import { SANDBOX_GOOGLE_CLIENT } from './simulation/client.js';
import { DEMO_CHANNEL, QUIET_CHANNEL } from './simulation/seed.js';

class YouTubeVariables {
  @Text('Client id of the application registered with Google, for YouTube', { optional: true })
  YOUTUBE_CLIENT_ID?: string;

  @Text('Client secret of that application', { optional: true, private: true })
  YOUTUBE_CLIENT_SECRET?: string;

  @Text(
    'Where Google sends people back to, if it is not PUBLIC_URL with /oauth/youtube/callback: such as the address that was registered for the earlier service',
    { optional: true, example: 'https://gateway.example/oauth/callback', ...URL_TEXT },
  )
  YOUTUBE_REDIRECT_URI?: string;

  @Integer('Quota units that the Google project has in a day', {
    min: 1,
    max: 1_000_000_000,
    default: 10_000,
  })
  YOUTUBE_API_QUOTA_DAILY_LIMIT!: number;

  @Integer('Of these units, how many only actions of priority HIGH may spend', {
    min: 0,
    max: 1_000_000_000,
    default: 500,
  })
  YOUTUBE_QUOTA_RESERVE!: number;

  @Integer('Quota units that one YouTube account may spend in a day; 0 sets no limit', {
    min: 0,
    max: 1_000_000_000,
    default: 0,
  })
  YOUTUBE_ACCOUNT_DAILY_LIMIT!: number;

  @Text('Host of the YouTube Data API, without the path of its version', {
    default: 'https://youtube.googleapis.com',
    ...URL_TEXT,
  })
  YOUTUBE_API_URL!: string;

  @Text('Where people consent: the page of the OAuth server of Google', {
    default: 'https://accounts.google.com/o/oauth2/v2/auth',
    ...URL_TEXT,
  })
  GOOGLE_AUTH_URL!: string;

  @Text('Where tokens are given; they are revoked beside it, at "revoke"', {
    default: 'https://oauth2.googleapis.com/token',
    ...URL_TEXT,
  })
  GOOGLE_TOKEN_URL!: string;
}

export const youtube = declarePlatform<YouTubeVariables, GoogleSettings>({
  name: 'youtube',
  title: 'YouTube',
  variables: YouTubeVariables,
  credentials: ['YOUTUBE_CLIENT_ID', 'YOUTUBE_CLIENT_SECRET'],
  howToGetCredentials: 'register an application with Google',
  readSettings: (variables) => ({
    apiUrl: variables.YOUTUBE_API_URL,
    authUrl: variables.GOOGLE_AUTH_URL,
    tokenUrl: variables.GOOGLE_TOKEN_URL,
    clientId: variables.YOUTUBE_CLIENT_ID ?? '',
    clientSecret: variables.YOUTUBE_CLIENT_SECRET ?? '',
    ...(variables.YOUTUBE_REDIRECT_URI !== undefined && {
      redirectUri: variables.YOUTUBE_REDIRECT_URI,
    }),
    quota: Object.freeze({
      daily: variables.YOUTUBE_API_QUOTA_DAILY_LIMIT,
      reserve: variables.YOUTUBE_QUOTA_RESERVE,
      perAccount: variables.YOUTUBE_ACCOUNT_DAILY_LIMIT,
    }),
  }),
  async load(settings) {
    const { YouTubePlatform } = await import('./youtube.platform.js');
    return new YouTubePlatform(settings);
  },
  sandbox: {
    async loadSimulation() {
      const { YouTubeSimulation } = await import('./simulation/youtube.js');
      return (now, revocations) => new YouTubeSimulation(now, revocations);
    },
    describe: (url) => ({
      // The paths of the API begin with /youtube themselves.
      apiUrl: url,
      authUrl: `${url}/youtube/oauth2/auth`,
      tokenUrl: `${url}/youtube/oauth2/token`,
      clientId: SANDBOX_GOOGLE_CLIENT.id,
      clientSecret: SANDBOX_GOOGLE_CLIENT.secret,
    }),
    demoAccounts: [DEMO_CHANNEL, QUIET_CHANNEL].map((id) => ({ id, grant: { channel_id: id } })),
    exampleAccount: DEMO_CHANNEL,
    firstAction: { type: 'send_live_chat_message', parameters: { message: 'Hello, chat!' } },
    restore: ({ accountId, tokens }) => ({
      name: 'restore-grant',
      body: { channel_id: accountId, ...tokens },
    }),
  },
});
