import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
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
@Injectable()
export class AxiosTransport extends Transport implements OnApplicationShutdown {
  readonly #agents = {
    httpAgent: new HttpAgent({ keepAlive: true, maxSockets: 256 }),
    httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: 256 }),
  };
  readonly #client: AxiosInstance = create({
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

  async deliver({ method, url, headers, body }: WireRequest, timeoutMs: number): Promise<Delivery> {
    // axios' own time-out begins anew with every byte, and a server that drips would never meet it.
    const overdue = new AbortController();
    const timer = setTimeout(() => overdue.abort(), timeoutMs);
    try {
      const response = await this.#client.request<string>({
        method,
        url,
        signal: overdue.signal,
        headers: {
          ...headers,
          // Left to itself, axios calls even nothing a form.
          ...(!(body instanceof URLSearchParams) && {
            'content-type': body ? 'application/json' : false,
          }),
        },
        data: body instanceof URLSearchParams ? body : body && JSON.stringify(body),
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

/** The parsed body of a JSON answer, the text of any other, undefined for none. */
function parseBody(text: unknown): unknown {
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
