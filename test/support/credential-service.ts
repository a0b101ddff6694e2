import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the service holds under a name. */
export interface HeldByService {
  readonly platform: string;
  readonly posting_identity?: string | null;
  access_token: string;
  refresh_token?: string | null;
}

/** A request as the service saw it. */
export interface AskedOfService {
  readonly path: string;
  readonly correlationId: string | undefined;
  readonly body: Readonly<Record<string, string>>;
}

/** How the service behaves from now on: as it should, or with an answer of the test's own. */
export interface Mood {
  readonly status?: number;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
  /** Only for this route, such as `/update-token`. */
  readonly path?: string;
}

const PREFIX = '/api/internal/plant/credentials';

/** The credential service, with state, at its wire; written from its contract alone. */
export class FakeCredentialService {
  readonly key = `service-key-${randomBytes(16).toString('hex')}`;
  readonly asked: AskedOfService[] = [];
  mood: Mood | undefined;
  /** Older services have no such route. */
  hasUpsert = true;
  readonly #held = new Map<string, HeldByService>();
  readonly #server: ReturnType<typeof createServer>;

  private constructor(tls: ServerOptions | undefined) {
    const listener: RequestListener = (request, response) => void this.#answer(request, response);
    this.#server = tls ? createTlsServer(tls, listener) : createServer(listener);
    // What a gateway breaks off is no matter of the test's.
    this.#server.on('tlsClientError', () => undefined);
  }

  static async start(tls?: ServerOptions): Promise<FakeCredentialService> {
    const service = new FakeCredentialService(tls);
    service.#server.listen(0, '127.0.0.1');
    await once(service.#server, 'listening');
    return service;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Environment of a gateway that asks it. */
  get env(): Readonly<Record<string, string>> {
    return {
      CREDENTIAL_SERVICE_URL: `http://127.0.0.1:${this.port}/`,
      CREDENTIAL_SERVICE_KEY: this.key,
    };
  }

  hold(customer: string, ref: string, held: HeldByService): void {
    this.#held.set(nameOf(customer, ref), held);
  }

  find(customer: string, ref: string): HeldByService | undefined {
    return this.#held.get(nameOf(customer, ref));
  }

  revoke(customer: string, ref: string): void {
    this.#held.delete(nameOf(customer, ref));
  }

  /** Requests of one route, in their order. */
  askedFor(path: string): AskedOfService[] {
    return this.asked.filter((asked) => asked.path === path);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const key = request.headers['x-plant-internal-key'];
    if (key === undefined) return send(422, { detail: [{ type: 'missing', loc: ['header'] }] });
    if (key !== this.key) return send(403, { detail: 'Forbidden: Invalid internal API key' });
    const path = (request.url ?? '').slice(PREFIX.length);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
    const correlationId = request.headers['x-correlation-id'];
    this.asked.push({ path, correlationId: correlationId?.toString(), body });
    const mood = this.mood?.path === undefined || this.mood.path === path ? this.mood : undefined;
    if (mood?.delayMs !== undefined) await sleep(mood.delayMs);
    if (mood?.status !== undefined)
      return send(mood.status, mood.text ?? { detail: 'as the test wants it' }, mood.headers);
    const { customer_id = '', credential_ref = '' } = body;
    const held = this.find(customer_id, credential_ref);
    if (path === '/upsert' && this.hasUpsert) {
      const { platform = '', access_token = '', refresh_token } = body;
      this.hold(customer_id, credential_ref, { ...held, platform, access_token, refresh_token });
      return send(200, { credential_ref, customer_id, platform });
    }
    if (!held) return send(404, { detail: `Credential not found: ${credential_ref}` });
    if (path === '/update-token') {
      held.access_token = body['new_access_token'] ?? '';
      return send(200, { status: 'success', message: 'Access token updated' });
    }
    if (path !== '/resolve') return send(404, { detail: 'Not Found' });
    const at = new Date().toISOString();
    return send(200, { credential_ref, customer_id, ...held, created_at: at, updated_at: at });
  }
}

function nameOf(customer: string, ref: string): string {
  return JSON.stringify([customer, ref]);
}
