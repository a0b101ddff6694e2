// Real: the built gateway with its sandbox and PostgreSQL, the built console, Chromium.
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ConsoleHouse, describeInBrowser, fillKey, settle } from '../support/console.js';
import { makeToken } from '../support/gateway.js';

let house: ConsoleHouse;

/** Rows that are drawn one after the other; npm run test:long has ten thousand. */
const SCROLLED = process.env['CHAOS'] === 'long' ? 10_000 : 600;

const say = (message: string): object => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message },
});

describeInBrowser('the console in trouble', () => {
  beforeAll(async () => {
    house = await ConsoleHouse.open({ CALLER_REQUESTS_PER_MINUTE: '0' });
  });

  afterAll(() => house?.close());

  it('loses nothing that was typed when the session ends in the middle of a form', async () => {
    const { page, context } = await house.signIn('/console/catalogue/twitch/chat_message');
    await page.getByLabel(/^Message/).fill('A long text that nobody wants to type twice');
    // The session ends elsewhere, such as with its caller.
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    await context.clearCookies();
    // Something else on the page may be told before, and then the dialog covers the button.
    await page.getByRole('button', { name: 'Dry run' }).dispatchEvent('click');
    await page.getByRole('dialog').getByText('Your session has ended').waitFor();
    await fillKey(page, makeToken({ sub: 'admin' }));
    await page.getByRole('heading', { name: 'What would be sent' }).waitFor();
    expect(await page.getByLabel(/^Message/).inputValue()).toContain('A long text');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('Succeeded').first().waitFor();
    await context.close();
  });

  it('tells the second of two admins that a switch was changed meanwhile', async () => {
    const [first, second] = await Promise.all([
      house.signIn('/console/flags', { token: makeToken({ sub: 'first-admin' }) }),
      house.signIn('/console/flags', { token: makeToken({ sub: 'second-admin' }) }),
    ]);
    for (const { page } of [first, second]) {
      await page.getByRole('switch', { name: 'twitch.polls is on' }).click();
      await page.getByLabel('Reason').fill('Too many polls');
    }
    await first.page.getByRole('button', { name: 'Switch it off' }).click();
    await first.page.getByRole('switch', { name: 'twitch.polls is off' }).waitFor();
    await second.page.getByRole('button', { name: 'Switch it off' }).click();
    const told = second.page.getByRole('dialog').getByText(/first-admin/);
    expect(await told.textContent()).toContain('first-admin');
    await first.context.close();
    await second.context.close();
  });

  it('shows every action once though the gateway goes away and comes back', async () => {
    const { page, context } = await house.signIn('/console/actions');
    await page.getByText('Live', { exact: true }).waitFor();
    const before = await house.act(say('before'));
    await page.getByRole('checkbox', { name: new RegExp(before) }).waitFor();
    await house.restart();
    // Carried out before the browser has connected again, or after: neither may be missing.
    const during = await Promise.all([1, 2, 3].map((time) => house.act(say(`during ${time}`))));
    await page.getByText('Live', { exact: true }).waitFor();
    const after = await house.act(say('after'));
    for (const id of [before, ...during, after])
      await page.getByRole('checkbox', { name: new RegExp(id) }).waitFor();
    expect(await page.getByRole('checkbox', { name: new RegExp(after) }).count()).toBe(1);
    await context.close();
  });

  it('ends a session with its caller, and takes no change without the token of the page', async () => {
    const { body } = await house.ask('POST', '/api/v1/callers', {
      id: 'short-lived',
      permissions: ['execute_actions', 'read_audit'],
    });
    const key = String(body['api_key']);
    const { page, context } = await house.signIn('/console/actions', { token: key });
    const cookies = await context.cookies();
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const forged = await fetch(`${house.gateway.restUrl}/api/v1/actions/execute`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify(say('forged')),
    });
    expect(forged.status).toBe(403);
    const { identity } = body['caller'] as unknown as { identity: string };
    await house.ask('DELETE', `/api/v1/callers/${identity}`);
    await page.getByRole('dialog').getByText('Your session has ended').waitFor();
    await context.close();
  });

  it(`scrolls through ${SCROLLED} rows of a hundred thousand`, async () => {
    await fillLog(100_000);
    const { page, context, complaints } = await house.signIn('/console/actions?account_id=many');
    await settle(page);
    const rows = page.getByRole('row');
    await rows.nth(5).waitFor();
    const seen = new Set<string>();
    while (seen.size < SCROLLED) {
      const names = await page.getByRole('checkbox', { name: /^Choose set_title/ }).evaluateAll(
        // Runs in the browser.
        (boxes) => boxes.map((box) => String((box as { ariaLabel?: string }).ariaLabel)),
      );
      for (const name of names) seen.add(name);
      // Rows above and below the window are drawn as well.
      await page.evaluate('window.scrollBy(0, 2.5 * window.innerHeight)');
      await page.evaluate(
        'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
      );
    }
    // What is drawn is what can be seen, however long the list is.
    expect(await rows.count()).toBeLessThan(200);
    await house.act(say('while scrolling'));
    expect(complaints).toEqual([]);
    await context.close();
  });
});

/** Writes rows into the log as actions of long ago; to carry out so many would take the test an hour. */
async function fillLog(count: number): Promise<void> {
  const client = new Client({ connectionString: house.database.url });
  await client.connect();
  const id = await house.act({
    platform: 'twitch',
    action_type: 'set_title',
    account_id: 'many',
    parameters: { title: 'x' },
  });
  const { rows } = await client.query<{ column_name: string }>(
    `SELECT column_name FROM information_schema.columns
     WHERE table_name = 'actions' AND is_generated = 'NEVER' AND column_name NOT IN ('id', 'account_id')`,
  );
  const columns = rows.map(({ column_name }) => column_name).join(', ');
  await client.query(
    `INSERT INTO actions (id, account_id, ${columns})
     SELECT overlay(overlay(gen_random_uuid()::text PLACING substr(id::text, 1, 8) FROM 1) PLACING '7' FROM 15)::uuid, 'many', ${columns}
     FROM actions, generate_series(1, $2) WHERE id = $1`,
    [id, count],
  );
  await client.end();
}
