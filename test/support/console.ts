import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { describe } from 'vitest';
import { createDatabase } from './database.js';
import { eventually } from './eventually.js';
import {
  callRest,
  type GatewayProcess,
  makeToken,
  type RestAnswer,
  startGateway,
} from './gateway.js';

const CHROMIUM = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== '' && existsSync(path));

/** Without a browser on the machine, these tests are skipped by name. */
export const describeInBrowser = CHROMIUM ? describe : describe.skip;

/** Without these, Chromium asks for addresses outside of the machine. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const PICTURES = join(import.meta.dirname, '../../docs/console');

export interface Look {
  readonly width: number;
  readonly height: number;
  readonly colorScheme: 'light' | 'dark';
}
export const DESKTOP: Look = { width: 1280, height: 860, colorScheme: 'light' };
export const DARK: Look = { ...DESKTOP, colorScheme: 'dark' };
export const PHONE: Look = { width: 390, height: 844, colorScheme: 'light' };

/** A page of the console, and what the browser complained of while it was open. */
export interface ConsolePage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of scripts and of the content security policy. */
  readonly complaints: string[];
}

/** A gateway in its sandbox, as `npm start` opens it, with a browser in front of it. */
export class ConsoleHouse {
  private constructor(
    public gateway: GatewayProcess,
    readonly database: { readonly url: string; drop(): Promise<void> },
    readonly browser: Browser,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async open(more: Readonly<Record<string, string>> = {}): Promise<ConsoleHouse> {
    const database = await createDatabase();
    const env = { SANDBOX: 'true', DATABASE_URL: database.url, ...more };
    const [gateway, browser] = await Promise.all([
      startGateway(env),
      chromium.launch({ executablePath: CHROMIUM, args: FLAGS }),
    ]);
    return new ConsoleHouse(gateway, database, browser, env);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.gateway.stop();
    await this.database.drop();
  }

  /** Stops the gateway and starts it again at the same address. */
  async restart(): Promise<void> {
    const { port } = new URL(this.gateway.restUrl);
    await this.gateway.stop();
    this.gateway = await startGateway({ ...this.env, REST_PORT: port });
  }

  /** Asks the REST door as an admin. */
  async ask(method: string, path: string, body?: unknown): Promise<RestAnswer> {
    return callRest(this.gateway, method, path, body);
  }

  /** Carries out an action as an admin; gives its id. */
  async act(envelope: object): Promise<string> {
    const { body } = await this.ask('POST', '/api/v1/actions/execute', envelope);
    return String(body['action_id']);
  }

  /** Where the control of the simulated platforms is. */
  get sandboxUrl(): string {
    return /http:\/\/127\.0\.0\.1:\d+\/sandbox/.exec(this.gateway.output())?.[0] ?? '';
  }

  /** Asks the control of the simulated platforms. */
  async control(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(this.sandboxUrl + path, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** Opens a browser of its own, not signed in. */
  async visit(path = '/console/', look: Look = DESKTOP): Promise<ConsolePage> {
    const context = await this.browser.newContext({
      viewport: { width: look.width, height: look.height },
      colorScheme: look.colorScheme,
      reducedMotion: 'reduce',
      timezoneId: 'Europe/Berlin',
      locale: 'en-GB',
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // Answers that are no success are told as well; each screen shows them itself.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        complaints.push(message.text());
    });
    await page.goto(this.gateway.restUrl + path);
    return { page, context, complaints };
  }

  /** Opens a browser of its own and signs in with a token, as a person would type it. */
  async signIn(
    path = '/console/',
    { look = DESKTOP, token = makeToken({ sub: 'admin' }) }: { look?: Look; token?: string } = {},
  ): Promise<ConsolePage> {
    const visit = await this.visit(path, look);
    await fillKey(visit.page, token);
    await visit.page
      .getByRole('navigation', { name: 'Screens' })
      .or(visit.page.getByRole('button', { name: 'Menu' }))
      .first()
      .waitFor();
    return visit;
  }
}

/** Types a key or a token into the form and signs in. */
export async function fillKey(page: Page, token: string): Promise<void> {
  await page.getByLabel('Key or token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Resolves when the screen shows what it asked for. */
export async function settle(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await eventually(
    () => page.getByText('Loading…').count(),
    (loading) => loading === 0,
  );
}

/** What axe finds wrong with the page as it is; each with the elements that it is about. */
export async function findBarriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate<axe.AxeResults>('axe.run(document)');
  return found.map(
    ({ id, help, nodes }) =>
      `${id}: ${help} (${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')})`,
  );
}

/** Keeps a picture of the screen for the documents, where UPDATE_PICTURES is set. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const picture = await page.screenshot();
  if (process.env['UPDATE_PICTURES'] === undefined) return;
  await mkdir(PICTURES, { recursive: true });
  await writeFile(join(PICTURES, `${name}.png`), picture);
}

/** Counts what a person clicks on the way to a goal. */
export class Clicks {
  count = 0;

  constructor(private readonly page: Page) {}

  async on(role: 'button' | 'link' | 'checkbox' | 'switch', name: string | RegExp): Promise<void> {
    this.count += 1;
    await this.page.getByRole(role, { name }).first().click();
  }
}
