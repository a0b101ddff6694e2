import { randomUUID } from 'node:crypto';
import {
  answerError,
  answerJson,
  type Clock,
  type PlatformSimulation,
  type SandboxAnswer,
  type SandboxRequest,
} from '../../../src/sandbox/exchange.js';
import { html } from '../../../src/sandbox/html.js';

export const CLIENT = { id: 'guestbook-client', secret: 'guestbook-secret' };
const TOKEN_SECONDS = 3_600;

/** The guestbook itself: entries, and tokens that end after an hour. */
export class GuestbookSimulation implements PlatformSimulation {
  readonly name = 'guestbook';
  readonly help = [
    ['POST /sandbox/guestbook/grants', '{"name"}: tokens without a browser'],
  ] as const;
  readonly #entries = new Map<string, { author: string; text: string }>();
  readonly #access = new Map<string, { name: string; ends: number }>();
  /** Names by codes and refresh tokens, each of which is good once. */
  readonly #exchangeable = new Map<string, string>();

  constructor(private readonly now: Clock) {}

  answer({ method, path, query, headers, body }: SandboxRequest): SandboxAnswer {
    if (path === '/oauth/authorize') return this.#consent(query);
    if (path === '/oauth/token') return this.#giveTokens(new URLSearchParams(body));
    const token = this.#access.get((headers.authorization ?? '').replace('Bearer ', ''));
    if (!token || token.ends <= this.now()) return answerJson(401, { error: 'a token, please' });
    if (path === '/me') return answerJson(200, { id: token.name });
    if (method === 'POST') {
      const id = `e${this.#entries.size + 1}`;
      const { text } = JSON.parse(body) as { text: string };
      this.#entries.set(id, { author: token.name, text });
      return answerJson(201, { id });
    }
    if (this.#entries.delete(path.replace('/entries/', ''))) return answerJson(200, {});
    return answerJson(404, { error: 'no such entry' });
  }

  control({ method, path, body }: SandboxRequest): SandboxAnswer | undefined {
    if (`${method} ${path}` !== 'POST /grants') return undefined;
    return this.#issue((JSON.parse(body) as { name: string }).name);
  }

  describe(): Record<string, unknown> {
    return { entries: [...this.#entries.values()] };
  }

  render() {
    return html`<p>${String(this.#entries.size)} entries</p>`;
  }

  reset(): void {
    this.#entries.clear();
  }

  #consent(query: URLSearchParams): SandboxAnswer {
    const code = randomUUID();
    this.#exchangeable.set(code, 'visitor');
    const location = `${query.get('redirect_uri')}?code=${code}&state=${query.get('state')}`;
    return { status: 302, headers: { location }, body: '' };
  }

  #giveTokens(form: URLSearchParams): SandboxAnswer {
    if (form.get('client_secret') !== CLIENT.secret) return answerError(403, 'unknown client');
    const shown = form.get('code') ?? form.get('refresh_token') ?? '';
    const name = this.#exchangeable.get(shown);
    this.#exchangeable.delete(shown);
    return name === undefined ? answerJson(400, { error: 'used up' }) : this.#issue(name);
  }

  #issue(name: string): SandboxAnswer {
    const [access, refresh] = [randomUUID(), randomUUID()];
    this.#access.set(access, { name, ends: this.now() + TOKEN_SECONDS * 1_000 });
    this.#exchangeable.set(refresh, name);
    const tokens = { access_token: access, refresh_token: refresh, expires_in: TOKEN_SECONDS };
    return answerJson(200, tokens);
  }
}
