// Real: the built gateway with its sandbox and PostgreSQL, the built console, Chromium. Counts what a
// person clicks on the way to a goal, from the first screen.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Clicks, ConsoleHouse, describeInBrowser, settle } from '../support/console.js';
import { eventually } from '../support/eventually.js';

let house: ConsoleHouse;

const HELLO = {
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message: 'Hello' },
};

/** Opens the first screen, and counts from there. */
async function begin(): Promise<{ page: Page; clicks: Clicks; end: () => Promise<void> }> {
  const { page, context } = await house.signIn();
  await settle(page);
  return { page, clicks: new Clicks(page), end: () => context.close() };
}

describeInBrowser('the paths of an admin', () => {
  beforeAll(async () => {
    house = await ConsoleHouse.open();
  });

  afterAll(() => house?.close());

  it('begin with the link that the start prints, which works once', async () => {
    const line = await house.gateway.waitForLine(/\/console\/#code=/);
    const [, code = ''] = /#code=(\S+)/.exec(line) ?? [];
    const { page, context } = await house.visit(`/console/#code=${code}`);
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    expect(page.url()).not.toContain('code');
    // A first action: the catalogue, the action, the example, a dry run, send.
    await page.getByRole('link', { name: 'Try an action' }).click();
    await page.getByLabel('Search').fill('twitch chat_message');
    await page.getByRole('link', { name: 'chat_message' }).first().click();
    await page.getByRole('button', { name: 'Fill in the example' }).click();
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.getByRole('heading', { name: 'What would be sent' }).waitFor();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    await page.getByText('Succeeded').first().waitFor();
    await context.close();
    const again = await house.visit(`/console/#code=${code}`);
    await again.page
      .getByRole('alert')
      .getByText(/used already/)
      .waitFor();
    await again.context.close();
  });

  it('connect a channel in at most six clicks', async () => {
    const { page, clicks, end } = await begin();
    await clicks.on('link', 'Accounts');
    await clicks.on('link', 'Connect an account');
    await clicks.on('button', /Twitch/);
    await clicks.on('button', 'Make the link');
    const address = await page.getByRole('link', { name: 'Open the link' }).getAttribute('href');
    clicks.count += 1;
    // The owner's own browser, which is signed in nowhere.
    const owner = await house.browser.newPage();
    // Tests listen on a free port, which the address does not know.
    await owner.goto(house.gateway.restUrl + new URL(address ?? '').pathname);
    await owner
      .getByRole('link', { name: /Twitch/ })
      .or(owner.getByRole('button', { name: /Twitch/ }))
      .first()
      .click();
    await owner
      .getByRole('button', { name: /Authorize|Allow|Agree/ })
      .first()
      .click();
    await owner.getByRole('heading', { name: /is connected/ }).waitFor();
    await page.getByText('Connected', { exact: true }).waitFor();
    await clicks.on('link', 'Open the account');
    await page.getByText('What it granted').waitFor();
    expect(clicks.count).toBeLessThanOrEqual(6);
    await owner.close();
    await end();
  });

  it('find why an action failed in at most three clicks', async () => {
    await house.act({ ...HELLO, account_id: '999' });
    const { page, clicks, end } = await begin();
    await clicks.on('link', 'Actions');
    await clicks.on('link', 'chat_message');
    await page.getByText('ACCOUNT_NOT_CONNECTED').waitFor();
    await page.getByText('999 is not connected').first().waitFor();
    expect(clicks.count).toBeLessThanOrEqual(3);
    await end();
  });

  it('switch a platform off in at most two clicks after the screen of switches', async () => {
    const { page, clicks, end } = await begin();
    await page.getByRole('link', { name: 'Switches' }).click();
    await settle(page);
    await clicks.on('switch', 'discord is on');
    await page.getByLabel('Reason').fill('A raid of bots');
    await clicks.on('button', 'Switch it off');
    await page.getByRole('switch', { name: 'discord is off' }).waitFor();
    expect(clicks.count).toBeLessThanOrEqual(2);
    const { body } = await house.ask('GET', '/api/v1/flags/discord');
    expect(body).toMatchObject({ enabled: false, reason: 'A raid of bots', changed_by: 'admin' });
    await house.ask('DELETE', '/api/v1/flags/discord');
    await end();
  });

  it('deliver a dead callback again in at most three clicks', async () => {
    await house.control('POST', '/faults', {
      match: { method: 'POST', path: '/sandbox/callbacks' },
      times: 1,
      fault: { kind: 'status', status: 410 },
    });
    await house.act({ ...HELLO, run_async: true, callback_url: `${house.sandboxUrl}/callbacks` });
    await eventually(
      () => house.ask('GET', '/api/v1/callbacks?state=dead'),
      ({ body }) => (body['callbacks'] as unknown as unknown[]).length === 1,
    );
    const { page, clicks, end } = await begin();
    await clicks.on('link', 'Look at them');
    await clicks.on('button', 'Deliver again');
    await page.getByText('It is delivered again').first().waitFor();
    expect(clicks.count).toBeLessThanOrEqual(3);
    await eventually(
      () => house.ask('GET', '/api/v1/callbacks?state=delivered'),
      ({ body }) => (body['callbacks'] as unknown as unknown[]).length === 1,
    );
    await end();
  });

  it('make a key for a bot in at most four clicks, and the key works', async () => {
    const { page, clicks, end } = await begin();
    await clicks.on('link', 'Callers and keys');
    await clicks.on('button', 'Make a caller');
    await page.getByLabel('Name').fill('greeter');
    await clicks.on('button', 'Make it and show the key');
    const key = (await page.getByLabel('The key', { exact: true }).textContent()) ?? '';
    expect(key).toMatch(/^agk_caller-/);
    await clicks.on('button', 'I have it');
    expect(clicks.count).toBeLessThanOrEqual(4);
    const answer = await fetch(`${house.gateway.restUrl}/api/v1/actions/execute`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(HELLO),
    });
    expect(answer.status).toBe(200);
    // It was shown once: nothing of it stays in the browser.
    const kept = await page.evaluate<string>(
      'JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }) + document.cookie',
    );
    expect(kept).not.toContain('agk_');
    await end();
  });

  it('bound the effects of a caller, so that its writes wait for approval', async () => {
    const { body: made } = await house.ask('POST', '/api/v1/callers', {
      id: 'model',
      permissions: ['execute_actions'],
    });
    const { page, clicks, end } = await begin();
    await clicks.on('link', 'Callers and keys');
    const row = page.getByRole('row').filter({ hasText: 'model' });
    await row.getByRole('button', { name: 'Change' }).click();
    await page.locator('summary', { hasText: 'Bounds' }).click();
    await page.getByLabel('Effects').selectOption('approval_first');
    await clicks.on('button', 'Save');
    await row.getByText('Writes are refused until another caller approves them').waitFor();
    const answer = await fetch(`${house.gateway.restUrl}/api/v1/actions/execute`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${String(made['api_key'])}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(HELLO),
    });
    expect(await answer.json()).toMatchObject({ failure: { code: 'APPROVAL_REQUIRED' } });
    // What the form does not name stays as it was, and the policy can be taken away again.
    await row.getByRole('button', { name: 'Change' }).click();
    await page.getByLabel('Effects').selectOption('');
    await clicks.on('button', 'Save');
    await row.getByText('none').waitFor();
    const { body } = await house.ask('GET', '/api/v1/callers');
    expect(body['callers']).toContainEqual(
      expect.objectContaining({ id: 'model', policy: null, permissions: ['execute_actions'] }),
    );
    await end();
  });
});
