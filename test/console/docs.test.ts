// Real: the built gateway with its sandbox and PostgreSQL, Chromium. The documentation as people open it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GUIDES } from '../../src/doors/pages/guides.js';
import {
  ConsoleHouse,
  DARK,
  DESKTOP,
  describeInBrowser,
  findBarriers,
  PHONE,
} from '../support/console.js';

let house: ConsoleHouse;

const PAGES = [
  '/docs/actions/twitch/ban',
  '/docs/actions/discord/create_channel',
  '/docs/search?q=ban',
  '/docs/guides',
  ...GUIDES.map((name) => `/docs/guides/${name}`),
];

const fetchText = async (path: string): Promise<string> => {
  const answer = await fetch(house.gateway.restUrl + path);
  expect(`${path} ${answer.status}`).toBe(`${path} 200`);
  return answer.text();
};

describeInBrowser('the documentation in Chromium', () => {
  beforeAll(async () => {
    house = await ConsoleHouse.open();
  });
  afterAll(() => house?.close());

  it.each(PAGES)('has no barrier, no complaint and no sideways scrolling: %s', async (path) => {
    // Guides share the style of the pages above.
    const looks = path.startsWith('/docs/guides/') ? [PHONE] : [DESKTOP, DARK, PHONE];
    for (const look of looks) {
      const { page, context, complaints } = await house.visit(path, look);
      expect(await findBarriers(page)).toEqual([]);
      const widths = await page.evaluate<number[]>(
        '[document.documentElement.scrollWidth, window.innerWidth]',
      );
      expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
      expect(complaints).toEqual([]);
      await context.close();
    }
  });

  it('is light or dark as the system is', async () => {
    const colours: string[] = [];
    for (const look of [DESKTOP, DARK]) {
      const { page, context } = await house.visit('/docs/actions/twitch/ban', look);
      colours.push(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor'));
      await context.close();
    }
    expect(new Set(colours).size).toBe(2);
  });

  it('is searched from the page of all actions, and leads to an action', async () => {
    const { page, context } = await house.visit('/docs');
    await page.getByLabel('Search the actions').fill('BAN user');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('link', { name: 'twitch.ban', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'twitch.ban' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/docs/actions/twitch/ban');
    await page.goto(`${house.gateway.restUrl}/docs/search?q=no+such+words`);
    await page.getByText('No action has all of these words').waitFor();
    await context.close();
  });

  it('has a page and Markdown for each guide, and no link or anchor into nowhere', async () => {
    const pages = new Map<string, string>();
    for (const name of GUIDES) {
      const address = `/docs/guides/${name}`;
      pages.set(address, await fetchText(address));
      expect(await fetchText(`${address}.md`)).toMatch(/^(<!--.*-->\s+)?# /);
      expect(await fetchText('/llms.txt')).toContain(`${address}.md)`);
    }
    const list = await fetchText('/docs/guides');
    const broken: string[] = [];
    for (const [address, text] of pages) {
      expect(list).toContain(`href="${address}"`);
      for (const [, link = ''] of text.matchAll(/href="([/#][^"]*)"/g)) {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? text : (pages.get(path) ?? (await fetchText(path)));
        if (anchor !== undefined && !target.includes(`id="${anchor}"`))
          broken.push(`${address}: ${link}`);
      }
    }
    expect(broken).toEqual([]);
    expect(await fetchText('/docs/search?q=idempotency+key')).toContain('href="/docs/guides/api"');
  });

  it('has a page and Markdown for each action, and no link into nowhere', async () => {
    const { actions } = JSON.parse(
      JSON.stringify((await house.ask('GET', '/api/v1/catalog')).body),
    ) as { actions: { platform: string; action_type: string }[] };
    const full = await fetchText('/llms-full.txt');
    const list = await fetchText('/llms.txt');
    const links = new Set(['/docs', '/openapi.json', '/llms-full.txt']);
    for (const { platform, action_type } of actions) {
      const address = `/docs/actions/${platform}/${action_type}`;
      expect(list).toContain(`${address}.md)`);
      const markdown = await fetchText(`${address}.md`);
      expect(markdown).toContain(`# ${platform}.${action_type}\n`);
      expect(full).toContain(markdown.trim());
      const page = await fetchText(address);
      for (const [, link = ''] of page.matchAll(/(?:href|action)="(\/[^"]*)"/g)) links.add(link);
    }
    for (const link of links) await fetchText(link);
    expect(links.size).toBeGreaterThan(actions.length);
  });
});
