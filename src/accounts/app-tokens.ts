import { Inject, Injectable } from '@nestjs/common';
import { ActionFailure } from '../actions/failures.js';
import type { Platform } from '../actions/platform.js';
import { Transport } from '../actions/wire.js';
import { CONFIG, type Config } from '../config/config.js';
import { METRICS } from '../observability/metrics.js';
import type { HeldCredential } from './held-credential.js';
import { findBackoff, requireNoBackoff } from './token-exchange.js';

const EXCHANGE_TIMEOUT_MS = 15_000;
const NAME = 'the application';

const APP = {
  accountId: 'app',
  scopes: [],
  hasUnknownScopes: true,
  renewable: true,
  expiresAt: undefined,
  isOfApp: true,
} as const;

/** Stands for the credential where nothing is sent. */
export const NO_APP_TOKEN: HeldCredential = { ...APP, accessToken: '', version: 0 };

interface AppToken {
  credential?: HeldCredential;
  /** When it is to be replaced, on the clock of `performance.now()`. */
  renewAt: number;
  asking?: Promise<HeldCredential>;
  /** Answers in a row that gave no token. */
  failures: number;
  askAgainAt: number;
}

/**
 * Tokens of the gateway's own application at a platform, one for each replica, in memory alone. They are got
 * when first needed, and replaced before they end or when the platform no longer accepts them.
 */
@Injectable()
export class AppTokens {
  readonly #tokens = new Map<string, AppToken>();

  constructor(
    private readonly transport: Transport,
    @Inject(CONFIG) private readonly config: Pick<Config, 'TOKEN_REFRESH_BUFFER'>,
  ) {}

  /**
   * The token, at hand or asked for.
   * @throws ActionFailure ACCOUNT_NOT_CONNECTED if the platform does not accept the application, PLATFORM_DOWN
   */
  hold(platform: Platform): HeldCredential | Promise<HeldCredential> {
    const token = this.#find(platform);
    return token.credential && performance.now() < token.renewAt
      ? token.credential
      : this.#ask(platform, token);
  }

  /** A newer token than the one that was refused. @throws ActionFailure as `hold` */
  renew(platform: Platform, stale: HeldCredential): Promise<HeldCredential> {
    const token = this.#find(platform);
    if (token.credential && token.credential.version > stale.version)
      return Promise.resolve(token.credential);
    return this.#ask(platform, token);
  }

  #find({ name }: Platform): AppToken {
    const known = this.#tokens.get(name);
    if (known) return known;
    const token: AppToken = { renewAt: 0, failures: 0, askAgainAt: 0 };
    this.#tokens.set(name, token);
    return token;
  }

  #ask(platform: Platform, token: AppToken): Promise<HeldCredential> {
    token.asking ??= this.#exchange(platform, token).finally(() => delete token.asking);
    return token.asking;
  }

  async #exchange(platform: Platform, token: AppToken): Promise<HeldCredential> {
    const { oauth, name, title } = platform;
    if (!oauth?.buildAppGrant) throw new Error(`${title} has no tokens of applications`);
    requireNoBackoff(platform, NAME, token.askAgainAt - performance.now());
    const delivery = await this.transport.deliver(oauth.buildAppGrant(), EXCHANGE_TIMEOUT_MS);
    const grant = delivery.kind === 'answered' ? oauth.readRefresh(delivery.answer) : 'unclear';
    const result = typeof grant === 'string' ? 'unclear' : 'renewed';
    METRICS.tokenRefreshes.inc({ platform: name, result });
    if (typeof grant === 'string') {
      const waitMs = findBackoff(delivery, token.failures);
      token.failures += 1;
      token.askAgainAt = performance.now() + waitMs;
      const status = delivery.kind === 'answered' ? delivery.answer.status : undefined;
      // The answer is about the application itself: its id, or its secret.
      if (status !== undefined && status >= 400 && status < 500 && status !== 429) {
        throw new ActionFailure(
          'ACCOUNT_NOT_CONNECTED',
          `${title} gives the gateway's own application no token (status ${status}): check the client id and the client secret in the configuration`,
          { platformStatus: status },
        );
      }
      throw new ActionFailure('PLATFORM_DOWN', `${title} gave ${NAME} of the gateway no token`, {
        retryAfterMs: Math.ceil(waitMs),
        platformStatus: status,
      });
    }
    const { accessToken, expiresIn = 3_600 } = grant;
    const lifeMs = expiresIn * 1_000;
    const bufferMs = Math.min(this.config.TOKEN_REFRESH_BUFFER * 1_000, lifeMs / 2);
    token.failures = 0;
    token.renewAt = performance.now() + lifeMs - bufferMs;
    token.credential = { ...APP, accessToken, version: (token.credential?.version ?? 0) + 1 };
    return token.credential;
  }
}
