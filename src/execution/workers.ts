import { ActionFailure } from '../actions/failures.js';

interface Waiting {
  readonly account: string;
  readonly begin: () => void;
}

/** How many places there are, and for how many who wait. */
export interface WorkersSize {
  /** Actions at a time. */
  readonly places: number;
  /** Of those, for one account: a busy one must leave room for others. */
  readonly perAccount: number;
  /** How many may wait before newcomers are turned away. */
  readonly longestLine: number;
}

const AT_ONCE = Promise.resolve();

/**
 * Places for actions side by side in this replica. Those without one wait in order of arrival; who is
 * held back by its own account holds back nobody else.
 */
export class Workers {
  readonly #waiting: Waiting[] = [];
  readonly #busyByAccount = new Map<string, number>();
  #busy = 0;

  constructor(private readonly size: WorkersSize) {}

  get busy(): number {
    return this.#busy;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** @throws ActionFailure GATEWAY_UNAVAILABLE when the line is too long */
  take(account: string): Promise<void> {
    if (!this.#hasPlace(account)) return this.#wait(account);
    this.#occupy(account);
    return AT_ONCE;
  }

  async #wait(account: string): Promise<void> {
    if (this.#waiting.length >= this.size.longestLine) {
      throw new ActionFailure(
        'GATEWAY_UNAVAILABLE',
        'The gateway is over capacity; nothing was sent',
        {
          retryAfterMs: 1_000,
        },
      );
    }
    await new Promise<void>((begin) => {
      this.#waiting.push({ account, begin });
    });
  }

  /** Hands the place to the first in line who may have it, so that nobody can slip in between. */
  free(account: string): void {
    this.#busy -= 1;
    const left = (this.#busyByAccount.get(account) ?? 0) - 1;
    if (left > 0) this.#busyByAccount.set(account, left);
    else this.#busyByAccount.delete(account);
    const next = this.#waiting.findIndex((waiting) => this.#hasPlace(waiting.account));
    const [chosen] = next < 0 ? [] : this.#waiting.splice(next, 1);
    if (!chosen) return;
    this.#occupy(chosen.account);
    chosen.begin();
  }

  #hasPlace(account: string): boolean {
    const { places, perAccount } = this.size;
    return this.#busy < places && (this.#busyByAccount.get(account) ?? 0) < perAccount;
  }

  #occupy(account: string): void {
    this.#busy += 1;
    this.#busyByAccount.set(account, (this.#busyByAccount.get(account) ?? 0) + 1);
  }
}
