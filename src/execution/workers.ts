import { ActionFailure } from '../actions/failures.js';

interface Waiting {
  readonly account: string;
  readonly begin: () => void;
}

/** The number of places, and the most actions that may wait for one. */
export interface WorkersSize {
  /** Actions that run at the same time. */
  readonly places: number;
  /** Of those, the most for one account, so that a busy account leaves room for others. */
  readonly perAccount: number;
  /** The most waiting actions; further ones are refused. */
  readonly longestLine: number;
}

const AT_ONCE = Promise.resolve();

/**
 * The places for actions that run concurrently in this replica. The others wait in order of arrival. An action
 * that waits for its own account does not delay the actions of other accounts.
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

  /** @throws ActionFailure GATEWAY_UNAVAILABLE if too many actions wait */
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

  /** Hands the place to the first waiting action that may have it, so that no newcomer takes it before. */
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
