import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { OnApplicationShutdown } from '@nestjs/common';
import { type AxiosInstance, create, isAxiosError } from 'axios';
import { type Delivery, Transport, type WireRequest } from '../actions/wire.js';

/** More than any answer of a platform; an endless one must not fill the memory. */
const LONGEST_ANSWER_BYTES = 8 * 1024 * 1024;

/** Errors of Node.js that mean: there was never a connection, so no byte of the request left. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** HTTP to the platforms by axios. Redirects are never followed: they would carry credentials away. */
export class AxiosTransport extends Transport implements OnApplicationShutdown {
  readonly #agents: { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent };
  readonly #client: AxiosInstance;

  /** @param tls whom to trust, and our own certificate; left out, as Node.js has it and none */
  constructor(tls: SecureContextOptions = {}) {
    super();
    this.#agents = {
      httpAgent: new HttpAgent({ keepAlive: true, maxSockets: 256 }),
      httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: 256, ...tls }),
    };
    this.#client = create({
      ...this.#agents,
      adapter: 'http',
      proxy: false,
      maxRedirects: 0,
      maxContentLength: LONGEST_ANSWER_BYTES,
      responseType: 'text',
      // Every status is an answer; what it means is for the platform to say.
      validateStatus: () => true,
      // Text as it came: whether it is JSON is decided below, and HTML must not look like an answer.
      transformResponse: (data: unknown) => data,
      headers: { 'user-agent': 'action-gateway', accept: 'application/json' },
    });
  }

  async deliver({ method, url, headers, body }: WireRequest, timeoutMs: number): Promise<Delivery> {
    // axios' own time-out begins anew with every byte, and a server that drips would never meet it.
    const overdue = new AbortController();
    const timer = setTimeout(() => overdue.abort(), timeoutMs);
    try {
      const response = await this.#client.request<string>({
        method,
        url,
        signal: overdue.signal,
        ...(await encodeBody(headers, body)),
      });
      return {
        kind: 'answered',
        answer: {
          status: response.status,
          headers: Object.fromEntries(
            Object.entries(response.headers).map(([name, value]) => [
              name.toLowerCase(),
              String(value),
            ]),
          ),
          body: parseBody(response.data),
        },
      };
    } catch (error) {
      if (!isAxiosError(error)) throw error;
      const { host } = new URL(url);
      const code = overdue.signal.aborted ? 'ETIMEDOUT' : (error.code ?? error.name);
      return NEVER_CONNECTED.has(code)
        ? { kind: 'unsent', reason: `${host} cannot be reached (${code})` }
        : { kind: 'unanswered', reason: `${host} gave no answer (${code})` };
    } finally {
      clearTimeout(timer);
    }
  }

  onApplicationShutdown(): void {
    this.#agents.httpAgent.destroy();
    this.#agents.httpsAgent.destroy();
  }
}

/** The bytes of a body, and the headers that say what they are. */
async function encodeBody(headers: WireRequest['headers'], body: WireRequest['body']) {
  if (body instanceof URLSearchParams) return { headers, data: body };
  if (body instanceof Uint8Array) {
    const type = headers['content-type'] ?? false;
    const data = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    return { headers: { ...headers, 'content-type': type }, data };
  }
  if (body instanceof FormData) {
    // Node.js writes the form itself: whole, so that its length is known and it can be sent again.
    const whole = new Response(body);
    const type = whole.headers.get('content-type') ?? '';
    const data = Buffer.from(await whole.arrayBuffer());
    return { headers: { ...headers, 'content-type': type }, data };
  }
  // Left to itself, axios calls even nothing a form.
  const type = body ? 'application/json' : false;
  return { headers: { ...headers, 'content-type': type }, data: body && JSON.stringify(body) };
}

/** The parsed body of a JSON answer, the text of any other, undefined for none. */
function parseBody(text: unknown): unknown {
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
