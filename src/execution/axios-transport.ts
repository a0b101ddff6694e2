import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { OnApplicationShutdown } from '@nestjs/common';
import { type AxiosInstance, create, isAxiosError } from 'axios';
import { type Delivery, Transport, type WireRequest } from '../actions/wire.js';
import type { ProxySettings } from '../config/proxy.js';
import { readAnswer } from './answer-redaction.js';
import { makeTunnelAgents } from './tunnel.js';
import { describeFault, encodeRequest, LONGEST_ANSWER_BYTES } from './wire-form.js';

/**
 * HTTP by axios, for what is asked now and then: token servers, whose a token is. Redirects are never
 * followed: they would carry credentials away.
 */
export class AxiosTransport extends Transport implements OnApplicationShutdown {
  readonly #agents: { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent };
  readonly #client: AxiosInstance;

  /**
   * @param tls whom to trust, and our own certificate; left out, as Node.js has it and none
   * @param proxies left out, every request goes directly
   */
  constructor(tls: SecureContextOptions = {}, proxies?: ProxySettings) {
    super();
    const options = { keepAlive: true, maxSockets: 256 };
    this.#agents = proxies
      ? makeTunnelAgents(proxies, { ...options, ...tls })
      : { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent({ ...options, ...tls }) };
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
    });
  }

  async deliver(request: WireRequest, timeoutMs: number): Promise<Delivery> {
    const { method, url } = request;
    // axios' own time-out begins anew with every byte, and a server that drips would never meet it.
    const overdue = new AbortController();
    const timer = setTimeout(() => overdue.abort(), timeoutMs);
    try {
      const { headers, body } = encodeRequest(request);
      const response = await this.#client.request<string>({
        method,
        url,
        signal: overdue.signal,
        // Left to itself, axios calls even nothing a form.
        headers: { ...headers, 'content-type': headers['content-type'] ?? false },
        data: body,
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
          body: readAnswer(request, response.status, response.data),
        },
      };
    } catch (error) {
      if (!isAxiosError(error)) throw error;
      return describeFault(url, overdue.signal.aborted ? 'ETIMEDOUT' : (error.code ?? error.name));
    } finally {
      clearTimeout(timer);
    }
  }

  onApplicationShutdown(): void {
    this.#agents.httpAgent.destroy();
    this.#agents.httpsAgent.destroy();
  }
}
