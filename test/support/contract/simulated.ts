import type { Action } from '../../../src/actions/action.js';
import type { Platform } from '../../../src/actions/platform.js';
import { type Delivery, Transport, type WireRequest } from '../../../src/actions/wire.js';
import type { HeldCredential } from '../../../src/accounts/held-credential.js';
import type { Tokens } from '../../../src/accounts/tokens.js';
import { loadConfig } from '../../../src/config/config.js';
import { EgressGuard } from '../../../src/execution/egress.js';
import { UndiciTransport } from '../../../src/execution/undici-transport.js';
import type { PlatformDeclaration } from '../../../src/platforms/platform-declaration.js';
import { startTestSandbox, type TestSandbox } from '../sandbox.js';
import { makeCredential, sendAction, type Told } from '../upstream-session.js';
import type { GivenAnswer } from './answers.js';
import type { Input } from './inputs.js';

/** What a configuration needs beside the platforms; nothing of it is used. */
const REST_OF_SETTINGS = {
  DATABASE_URL: 'postgresql://none',
  MODULE_SECRET_KEY: '0'.repeat(64),
  TOKEN_ENCRYPTION_KEYS: `none:${Buffer.alloc(32).toString('base64')}`,
  CALLBACK_SECRETS: `whsec_${Buffer.alloc(32).toString('base64')}`,
};

/** Changes of a world that make it quick, and let as much through as is sent. */
const QUICK_WORLDS: Readonly<Record<string, object>> = {
  twitch: { limits: false, clip_delay_ms: 0 },
};

/** No name leads anywhere: nothing of a test leaves the machine. */
const NOTHING_OUTSIDE = new EgressGuard({ resolve: async () => [] });

/** A session for uploads, whose last answer is that of the call. */
const UPLOAD_SESSION = 'upload_id';

/** Notes every answer of a simulation. */
class ListeningTransport extends Transport {
  readonly #inner = new UndiciTransport({});
  readonly #answers: GivenAnswer[] = [];
  /** The method of the call that opened the last upload session. */
  #opened = 'POST';

  constructor(private readonly base: string) {
    super();
  }

  async deliver(request: WireRequest, timeoutMs: number): Promise<Delivery> {
    const delivery = await this.#inner.deliver(request, timeoutMs);
    if (delivery.kind === 'answered') this.#note(request, delivery.answer);
    return delivery;
  }

  /** The answers since the last call. */
  take(): GivenAnswer[] {
    return this.#answers.splice(0);
  }

  #note(
    { method, url }: WireRequest,
    { status, body, headers }: { status: number; body: unknown; headers: object },
  ): void {
    const { pathname, searchParams } = new URL(url);
    const path = pathname.slice(new URL(this.base).pathname.replace(/\/$/, '').length);
    // The answer that opens an upload session holds its address alone.
    if (!searchParams.has(UPLOAD_SESSION) && 'location' in headers) {
      this.#opened = method;
      return;
    }
    this.#answers.push({
      method: searchParams.has(UPLOAD_SESSION) ? this.#opened : method,
      path,
      status,
      body: body === '' || body === null ? undefined : body,
    });
  }
}

/** A platform in a sandbox of its own, and accounts that may do everything there. */
export class SimulatedPlatform {
  private constructor(
    private readonly sandbox: TestSandbox,
    private readonly declaration: PlatformDeclaration,
    private readonly platform: Platform,
    private readonly transport: ListeningTransport,
  ) {}

  static async open(name: string): Promise<SimulatedPlatform> {
    const sandbox = await startTestSandbox();
    const { platforms } = loadConfig({ ...REST_OF_SETTINGS, ...sandbox.env });
    const found = platforms.find(({ declaration }) => declaration.name === name);
    if (!found) throw new Error(`${name} has no simulation`);
    const { declaration, settings } = found;
    const platform = await declaration.load(settings);
    return new SimulatedPlatform(
      sandbox,
      declaration,
      platform,
      new ListeningTransport(settings.apiUrl),
    );
  }

  close(): Promise<void> {
    return this.sandbox.close();
  }

  /** Puts the world back to its start, quick and without limits where it has any. */
  async reset(): Promise<void> {
    await this.sandbox.control('POST', '/sandbox/reset', {});
    const { name } = this.declaration;
    const quick = QUICK_WORLDS[name];
    if (quick) await this.sandbox.control('POST', `/sandbox/${name}/world`, quick);
  }

  /** Carries out an action. @returns how it ended, and every answer of the platform on the way */
  async carryOut(
    action: Action,
    input: Input,
  ): Promise<{ readonly told: Told; readonly answers: readonly GivenAnswer[] }> {
    const { takesFile, takesContent } = action;
    const parameters = { ...input };
    // A file comes with the request.
    for (const field of [takesFile, takesContent])
      if (field !== undefined) delete parameters[field];
    const credential = await this.#getCredential(action);
    const told = await sendAction(
      action,
      parameters,
      {
        platform: this.platform,
        transport: this.transport,
        egress: NOTHING_OUTSIDE,
        leftMs: 60_000,
        timeoutMs: 30_000,
        // A renewed token is as good as the one before.
        tokens: {
          refresh: async (_platform: Platform, stale: HeldCredential) => stale,
          noteRefusal: () => undefined,
        } as unknown as Tokens,
      },
      {},
      { ...credential, renewable: true },
    );
    return { told, answers: this.transport.take() };
  }

  async #getCredential({ example, scopes, actsAs }: Action): Promise<HeldCredential> {
    if (actsAs === 'app') return this.#getOwnCredential();
    const { name, sandbox } = this.declaration;
    const id = example.account ?? sandbox?.exampleAccount ?? '';
    const own = this.platform.ownCredential?.(this.platform.defaultAccount ?? '');
    if (own && 'accessToken' in own) return makeCredential(own.accountId, own);
    const account = sandbox?.demoAccounts.find((one) => one.id === id);
    if (!account) throw new Error(`the simulation of ${name} has no account ${id}`);
    const grant = await this.sandbox.control<{ access_token: string }>(
      'POST',
      `/sandbox/${name}/grants`,
      { ...account.grant, scopes },
    );
    return makeCredential(id, { accessToken: grant.access_token, scopes });
  }

  /** The credential of the application itself. */
  async #getOwnCredential(): Promise<HeldCredential> {
    const { oauth, title } = this.platform;
    if (!oauth?.buildAppGrant) throw new Error(`${title} has no tokens of applications`);
    const told = await new UndiciTransport({}).deliver(oauth.buildAppGrant(), 30_000);
    const grant = told.kind === 'answered' ? oauth.readRefresh(told.answer) : 'unclear';
    if (typeof grant === 'string') throw new Error(`${title} gives the application no token`);
    return makeCredential('app', { accessToken: grant.accessToken, scopes: [] });
  }
}
