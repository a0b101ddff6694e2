import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { cleanToken, isToken } from '../actions/fields.js';
import { ActionFailure } from '../actions/failures.js';
import { isObject, type JsonObject } from '../actions/json.js';
import type { Delivery } from '../actions/wire.js';
import {
  type CredentialName,
  CredentialService,
  type ServedCredential,
} from '../accounts/credential-service.js';
import { CONFIG, type Config } from '../config/config.js';
import { AxiosTransport } from './axios-transport.js';
import { Breakers } from './breakers.js';

const TITLE = 'The credential service';
const BREAKER = 'credential service';
const PATH = '/api/internal/plant/credentials';
/** Text that a header can carry; with any other text the request could not be sent. */
const HEADER_TEXT = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;

/**
 * The credential service at CREDENTIAL_SERVICE_URL. Errors show the status of its answers, and never their
 * text, which may hold secrets.
 */
@Injectable()
export class HttpCredentialService extends CredentialService implements OnApplicationShutdown {
  readonly #logger = new Logger(HttpCredentialService.name);
  readonly #transport: AxiosTransport;

  constructor(
    private readonly breakers: Breakers,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    super();
    this.#transport = new AxiosTransport(config.credentialService?.tls);
  }

  get isThere(): boolean {
    return this.config.credentialService !== undefined;
  }

  async resolve(name: CredentialName, correlationId?: string): Promise<ServedCredential> {
    const body = { customer_id: name.customer, credential_ref: name.ref };
    const answer = readObject(await this.#ask('/resolve', name, body, correlationId));
    const { platform, access_token, refresh_token, posting_identity } = answer;
    if (!isText(access_token)) throw refuseAnswer(`gave no access_token for ${name.ref}`);
    if (!isText(platform)) throw refuseAnswer(`named no platform for ${name.ref}`);
    const accessToken = cleanToken(access_token);
    const refreshToken = isText(refresh_token) ? cleanToken(refresh_token) : undefined;
    if (!isToken(accessToken) || (refreshToken !== undefined && !isToken(refreshToken))) {
      throw new ActionFailure(
        'ACCOUNT_NOT_CONNECTED',
        `${TITLE} gave a text for ${name.ref} that is no token: store the token there again, without spaces or line breaks`,
      );
    }
    return {
      platform: platform.toLowerCase(),
      accessToken,
      refreshToken,
      postingIdentity: isText(posting_identity) ? posting_identity : undefined,
    };
  }

  async update(
    name: CredentialName,
    changed: ServedCredential,
    correlationId?: string,
  ): Promise<void> {
    const whose = { customer_id: name.customer, credential_ref: name.ref };
    const { accessToken, refreshToken } = changed;
    if (refreshToken !== undefined && (await this.#upsert(name, changed, correlationId))) return;
    const body = { ...whose, new_access_token: accessToken };
    await this.#ask('/update-token', name, body, correlationId);
  }

  /** Hands a renewed grant over. Older services do not offer this. @returns whether it was accepted */
  async #upsert(
    name: CredentialName,
    { platform, accessToken, refreshToken, postingIdentity }: ServedCredential,
    correlationId: string | undefined,
  ): Promise<boolean> {
    try {
      const body = {
        customer_id: name.customer,
        credential_ref: name.ref,
        platform,
        access_token: accessToken,
        ...(refreshToken !== undefined && { refresh_token: refreshToken }),
        ...(postingIdentity !== undefined && { posting_identity: postingIdentity }),
      };
      await this.#ask('/upsert', name, body, correlationId);
      return true;
    } catch (error) {
      if (error instanceof ActionFailure && error.code === 'ACCOUNT_NOT_CONNECTED') return false;
      throw error;
    }
  }

  /** @returns the body of a 2xx answer */
  async #ask(
    path: string,
    { customer, ref }: CredentialName,
    body: JsonObject,
    correlationId: string | undefined,
  ): Promise<unknown> {
    const { credentialService } = this.config;
    if (!credentialService)
      throw new ActionFailure('UNSUPPORTED', 'credential_ref needs CREDENTIAL_SERVICE_URL');
    const { url, key, timeoutMs } = credentialService;
    const target = { service: BREAKER, title: TITLE, resource: `${customer}/${ref}` };
    this.breakers.requireClosed(target);
    const delivery = await this.breakers.watch(target, () =>
      this.#transport.deliver(
        {
          method: 'POST',
          url: `${url}${PATH}${path}`,
          headers: {
            'x-plant-internal-key': key,
            ...(correlationId !== undefined &&
              HEADER_TEXT.test(correlationId) && { 'x-correlation-id': correlationId }),
          },
          body,
        },
        timeoutMs,
      ),
    );
    return this.#readAnswer(delivery, ref);
  }

  #readAnswer(delivery: Delivery, ref: string): unknown {
    if (delivery.kind !== 'answered')
      throw new ActionFailure('PLATFORM_DOWN', `${TITLE}: ${delivery.reason}; nothing was sent`);
    const { status, headers, body } = delivery.answer;
    if (status === 200) return body;
    if (status === 404) {
      throw new ActionFailure(
        'ACCOUNT_NOT_CONNECTED',
        `${TITLE} knows no credential ${ref} of this customer: connect the account there, or send another credential_ref`,
      );
    }
    if (status === 401 || status === 403) {
      const message = `${TITLE} answered ${status}: it does not accept the CREDENTIAL_SERVICE_KEY of this gateway; nothing was sent`;
      this.#logger.error(message);
      throw new ActionFailure('INTERNAL', message);
    }
    const retryAfterMs = Number(headers['retry-after']) * 1_000;
    throw new ActionFailure(
      'PLATFORM_DOWN',
      `${TITLE} answered ${status}; nothing was sent`,
      Number.isFinite(retryAfterMs) && retryAfterMs >= 0 ? { retryAfterMs } : {},
    );
  }

  onApplicationShutdown(): void {
    this.#transport.onApplicationShutdown();
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function readObject(body: unknown): JsonObject {
  if (isObject(body)) return body as JsonObject;
  throw refuseAnswer('answered 200 with something that is no JSON object');
}

function refuseAnswer(what: string): ActionFailure {
  return new ActionFailure('PLATFORM_DOWN', `${TITLE} ${what}; nothing was sent`);
}
