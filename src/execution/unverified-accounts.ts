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
 * Asks platforms in the background about accounts whose credentials they have not accepted yet, such as
 * imported ones. When to ask next is a column of the account, so that a cluster asks once.
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
      this.#logger.warn(`unverified accounts wait: ${(error as Error).message}`);
    }
  }
}
