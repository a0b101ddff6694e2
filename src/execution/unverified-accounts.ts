import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { canVerify } from '../accounts/identify-token.js';
import { Verification } from '../accounts/verification.js';
import { Catalogue } from './catalogue.js';

const LOOK_EVERY_MS = 60_000;

/**
 * Verifies in the background accounts whose platform has not accepted their credentials yet, such as imported
 * ones. The time of the next check is a column of the account, so that only one replica checks it.
 */
@Injectable()
export class UnverifiedAccounts implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(UnverifiedAccounts.name);
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isOver = false;

  constructor(
    private readonly verification: Verification,
    private readonly catalogue: Catalogue,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
    }, LOOK_EVERY_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    try {
      const platforms = this.catalogue.platforms.filter(canVerify);
      await this.verification.askDue(platforms, () => this.#isOver);
    } catch (error) {
      this.#logger.warn(`unverified accounts could not be checked: ${(error as Error).message}`);
    }
  }
}
