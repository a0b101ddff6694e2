import { Text, URL_TEXT } from '../../../src/actions/fields.js';
import type { PlatformSettings } from '../../../src/actions/platform.js';
import { declarePlatform } from '../../../src/platforms/platform-declaration.js';
import { CLIENT } from './simulation.js';

class GuestbookVariables {
  @Text('Client id of the application at the guestbook', { optional: true })
  GUESTBOOK_CLIENT_ID?: string;

  @Text('Client secret of that application', { optional: true, private: true })
  GUESTBOOK_CLIENT_SECRET?: string;

  @Text('Where the guestbook is', { default: 'https://guestbook.example/api', ...URL_TEXT })
  GUESTBOOK_API_URL!: string;
}

export const guestbook = declarePlatform<GuestbookVariables, PlatformSettings>({
  name: 'guestbook',
  title: 'Guestbook',
  variables: GuestbookVariables,
  credentials: ['GUESTBOOK_CLIENT_ID', 'GUESTBOOK_CLIENT_SECRET'],
  howToGetCredentials: 'ask the owner of the guestbook',
  readSettings: (variables) => ({
    apiUrl: variables.GUESTBOOK_API_URL,
    authUrl: `${variables.GUESTBOOK_API_URL}/oauth`,
    clientId: variables.GUESTBOOK_CLIENT_ID ?? '',
    clientSecret: variables.GUESTBOOK_CLIENT_SECRET ?? '',
  }),
  async load(settings) {
    const { GuestbookPlatform } = await import('./guestbook.platform.js');
    return new GuestbookPlatform(settings);
  },
  sandbox: {
    async loadSimulation() {
      const { GuestbookSimulation } = await import('./simulation.js');
      return (now) => new GuestbookSimulation(now);
    },
    describe: (url) => ({
      apiUrl: `${url}/guestbook`,
      authUrl: `${url}/guestbook/oauth`,
      clientId: CLIENT.id,
      clientSecret: CLIENT.secret,
    }),
    demoAccounts: [{ id: 'host', grant: { name: 'host' } }],
    exampleAccount: 'host',
    firstAction: { type: 'write_entry', parameters: { text: 'I was here' } },
    restore: () => undefined,
  },
});
