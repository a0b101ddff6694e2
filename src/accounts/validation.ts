import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { Platform } from '../actions/platform.js';
import { Database } from '../database/database.js';
import { Verification } from './verification.js';

const LOOK_EVERY_MS = 60_000;

/**
 * Asks a platform, as often as it wants to be asked, whether the tokens in use are still good.
 * The claim is a column of the account, so that a cluster asks once and not once per replica.
 * @see https://dev.twitch.tv/docs/authentication/validate-tokens/#who-must-validate-tokens
 */
@Injectable()
export class TokenValidation implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(TokenValidation.name);
  /** Accounts this replica acted as since its start. */
  readonly #inUse = new Map<string, { platform: Platform; accountId: string }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly verification: Verification,
  ) {}

  /** Notes that an account is in use, so that it is validated from now on. */
  noteUse(platform: Platform, accountId: string): void {
    const key = `${platform.name}/${accountId}`;
    if (!this.#inUse.has(key)) this.#inUse.set(key, { platform, accountId });
  }

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.validateDue(), LOOK_EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  /** Validates every account in use whose time has come. Never throws. */
  async validateDue(): Promise<void> {
    for (const { platform, accountId } of this.#inUse.values()) {
      try {
        if (platform.oauth?.validateEveryMs !== undefined)
          await this.#validate(platform, accountId);
      } catch (error) {
        this.#logger.warn(
          `${platform.name} account ${accountId} was not validated: ${(error as Error).message}`,
        );
      }
    }
  }

  async #validate(platform: Platform, accountId: string): Promise<void> {
    const { oauth } = platform;
    if (!oauth?.buildValidation || !oauth.readValidation) return;
    const claimed = await this.database.change(
      `UPDATE accounts SET validated_at = now()
       WHERE platform = $1 AND account_id = $2 AND reconnect_reason IS NULL
         AND (validated_at IS NULL OR validated_at < now() - make_interval(secs => $3))`,
      [platform.name, accountId, (oauth.validateEveryMs ?? 0) / 1_000],
    );
    if (claimed === 0) return;
    const verdict = await this.verification.ask(platform, accountId);
    if (verdict === 'unknown') await this.#unclaim(platform, accountId);
  }

  /** What the platform did not answer is asked again soon. */
  async #unclaim(platform: Platform, accountId: string): Promise<void> {
    await this.database.change(
      'UPDATE accounts SET validated_at = NULL WHERE platform = $1 AND account_id = $2',
      [platform.name, accountId],
    );
  }
}
