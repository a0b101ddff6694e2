// Real: the built gateway with its sandbox and PostgreSQL, the built console, Chromium.
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  ConsoleHouse,
  DARK,
  DESKTOP,
  describeInBrowser,
  findBarriers,
  keepPicture,
  PHONE,
  settle,
} from '../support/console.js';
import { eventually } from '../support/eventually.js';

let house: ConsoleHouse;
let failed: string;

const say = (message: string, more: object = {}): object => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message },
  ...more,
});

/** Something of everything, so that no screen is empty. */
async function fill(): Promise<void> {
  for (let time = 0; time < 6; time += 1) await house.act(say(`Hello ${time}`));
  failed = await house.act(say('Hello', { account_id: '999' }));
  await house.act({
    platform: 'youtube',
    action_type: 'create_playlist',
    account_id: 'UCsandboxDemoChannel0001',
    parameters: { title: 'Highlights' },
  });
  await house.act({
    platform: 'discord',
    action_type: 'send_message',
    parameters: { channel_id: '700000000000000001', content: 'Hello' },
  });
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  await house.act(say('Good morning', { run_at: tomorrow }));
  await house.ask('POST', '/api/v1/actions/batch', { actions: [say('One'), say('Two')] });
  await house.control('POST', '/faults', {
    match: { method: 'POST', path: '/sandbox/callbacks' },
    times: 1,
    fault: { kind: 'status', status: 410 },
  });
  await house.act(
    say('Call me back', { run_async: true, callback_url: `${house.sandboxUrl}/callbacks` }),
  );
  await eventually(
    () => house.ask('GET', '/api/v1/callbacks?state=dead'),
    ({ body }) => (body['callbacks'] as unknown as unknown[]).length === 1,
  );
  await house.ask('POST', '/api/v1/callers', { id: 'chat-bot', permissions: ['execute_actions'] });
  await house.ask('PUT', '/api/v1/flags/twitch.raids', { enabled: false, reason: 'Raid of bots' });
}

/** Every screen, by the name of its picture. */
const SCREENS = [
  ['today', '/console/'],
  ['catalogue', '/console/catalogue?text=ban'],
  ['try', '/console/catalogue/twitch/chat_message'],
  ['actions', '/console/actions'],
  ['action', '/console/actions/:failed'],
  ['scheduled', '/console/queue'],
  ['accounts', '/console/accounts'],
  ['account', '/console/accounts/twitch/1001'],
  ['connect', '/console/connect?platform=twitch'],
  ['limits', '/console/limits'],
  ['callbacks', '/console/callbacks'],
  ['callers', '/console/callers'],
  ['switches', '/console/flags'],
  ['events', '/console/events'],
  ['sandbox', '/console/sandbox'],
] as const;

describeInBrowser('every screen in Chromium', () => {
  beforeAll(async () => {
    house = await ConsoleHouse.open();
    await fill();
  });

  afterAll(() => house?.close());

  it.each([
    ['on a desktop', DESKTOP],
    ['in the dark', DARK],
    ['on a phone', PHONE],
  ] as const)('has no barrier, no complaint and no overflow %s', async (name, look) => {
    const { page, complaints, context } = await house.signIn('/console/', { look });
    const faults: string[] = [];
    for (const [screen, path] of SCREENS) {
      await page.goto(house.gateway.restUrl + path.replace(':failed', failed));
      await settle(page);
      await page.getByRole('main').getByText('This did not work').waitFor({ state: 'detached' });
      const barriers = await findBarriers(page);
      faults.push(...barriers.map((barrier) => `${screen} ${name}: ${barrier}`));
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      if (overflow > 0) faults.push(`${screen} ${name}: ${overflow} pixels too wide`);
      if (look !== DARK) await keepPicture(page, look === PHONE ? `${screen}-phone` : screen);
      else if (screen === 'today') await keepPicture(page, 'today-dark');
    }
    expect(faults).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('signs in on a page without a barrier, and says why a key is not taken', async () => {
    const { page, context } = await house.visit();
    await page.getByLabel('Key or token').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.getByLabel('Key or token').fill('agk_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await context.close();
  });

  it('can be used by the keyboard alone: an action is found, tried and sent', async () => {
    const { page, context } = await house.signIn();
    const press = (...keys: string[]): Promise<void[]> =>
      keys.reduce<Promise<void[]>>(
        (before, key) => before.then(async (done) => [...done, await page.keyboard.press(key)]),
        Promise.resolve([]),
      );
    const focused = (): Promise<string> =>
      page.evaluate<string>(
        'document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent',
      );
    /** Goes on with Tab until the element of this name has the focus. */
    const tabTo = async (name: string): Promise<void> => {
      for (let step = 0; step < 200; step += 1) {
        await press('Tab');
        if ((await focused()).includes(name)) return;
      }
      throw new Error(`Tab does not reach ${name}`);
    };
    await tabTo('Skip the menu');
    await press('Enter');
    await tabTo('Try an action');
    await press('Enter');
    await page.getByLabel('Search').waitFor();
    await page.locator('#screen:focus').waitFor();
    await press('Tab');
    await page.keyboard.type('chat_message twitch');
    await page.getByText('1 action', { exact: true }).waitFor();
    await tabTo('chat_message');
    await press('Enter');
    await page.getByRole('button', { name: 'Fill in the example' }).waitFor();
    await tabTo('Fill in the example');
    await press('Enter');
    await tabTo('Dry run');
    await press('Enter');
    await page.getByRole('heading', { name: 'What would be sent' }).waitFor();
    await tabTo('Send');
    await press('Enter');
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    expect(await page.getByText('Succeeded').first().isVisible()).toBe(true);
    await context.close();
  });
});
