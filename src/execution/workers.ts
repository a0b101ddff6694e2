import { ActionFailure } from '../actions/failures.js';

/** Places for actions side by side in this replica; those without one wait in order of arrival. */
export class Workers {
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  /**
   * @param places actions at a time
   * @param longestLine how many may wait before newcomers are turned away
   */
  constructor(
    private readonly places: number,
    private readonly longestLine: number,
  ) {}

  get busy(): number {
    return this.#busy;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** @throws ActionFailure GATEWAY_UNAVAILABLE when the line is too long */
  async take(): Promise<void> {
    if (this.#busy < this.places) {
      this.#busy += 1;
      return;
    }
    if (this.#waiting.length >= this.longestLine) {
      throw new ActionFailure(
        'GATEWAY_UNAVAILABLE',
        'The gateway is over capacity; nothing was sent',
        {
          retryAfterMs: 1_000,
        },
      );
    }
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Hands the place to the next in line, so that nobody can slip in between. */
  free(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#busy -= 1;
  }
}
