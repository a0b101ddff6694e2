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
 * HTTP by axios, for rare requests, such as those to token servers. Redirects are never followed: they
 * would send credentials elsewhere.
 */
export class AxiosTransport extends Transport implements OnApplicationShutdown {
  readonly #agents: { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent };
  readonly #client: AxiosInstance;

  /**
   * @param tls trusted authorities and the client certificate; defaults to those of Node.js and none
   * @param proxies defaults to none: every request goes directly
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
      // Every status is an answer; the platform's adapter reads what it means.
      validateStatus: () => true,
      // The raw text: it is parsed below, and HTML must not be taken for an answer.
      transformResponse: (data: unknown) => data,
    });
  }

  async deliver(request: WireRequest, timeoutMs: number): Promise<Delivery> {
    const { method, url } = request;
    // axios' own time-out restarts with every byte, so a slow server would never reach it.
    const overdue = new AbortController();
    const timer = setTimeout(() => overdue.abort(), timeoutMs);
    try {
      const { headers, body } = encodeRequest(request);
      const response = await this.#client.request<string>({
        method,
        url,
        signal: overdue.signal,
        // By default, axios sends the content type of a form even without a body.
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
