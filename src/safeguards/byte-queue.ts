import { ActionFailure } from '../actions/failures.js';

interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}

/** Bytes that were reserved; they are given back once, or in parts. */
export interface Reservation {
  /** Reduces the reservation to this many bytes. Never raises it. */
  shrinkTo(bytes: number): void;
  /** Gives back what is left. */
  release(): void;
}

const RETRY_AFTER_MS = 1_000;

/**
 * A bound on the bytes of files that a process holds at a time. A reservation that does not fit waits, in
 * the order of arrival. Each action reserves once for all of its files, so that no two wait for each other.
 */
export class ByteQueue {
  readonly #waiting: Waiting[] = [];
  #used = 0;

  /** @param longestLine how many may wait before others are refused */
  constructor(
    readonly maxBytes: number,
    private readonly longestLine: number,
  ) {}

  /** Bytes reserved now. */
  get used(): number {
    return this.#used;
  }

  /** Reservations that wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Reserves bytes, and waits for them until the signal ends the wait.
   * @throws ActionFailure RATE_LIMITED when too many wait or the bytes exceed the bound
   */
  async reserve(bytes: number, over: AbortSignal): Promise<Reservation> {
    if (bytes > this.maxBytes) {
      const message = `The files may have ${bytes} bytes, and this gateway holds ${this.maxBytes} at a time (MAX_FILE_BYTES); nothing was sent`;
      throw new ActionFailure('INVALID_INPUT', message);
    }
    if (this.#waiting.length > 0 || this.#used + bytes > this.maxBytes)
      await this.#wait(bytes, over);
    else this.#used += bytes;
    return this.#describe(bytes);
  }

  #wait(bytes: number, over: AbortSignal): Promise<void> {
    if (this.#waiting.length >= this.longestLine) {
      const message = 'Too many actions with files wait in this gateway; nothing was sent';
      throw new ActionFailure('RATE_LIMITED', message, { retryAfterMs: RETRY_AFTER_MS });
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(over.reason as Error);
        this.#admit();
      };
      const waiting: Waiting = {
        bytes,
        begin: () => {
          over.removeEventListener('abort', leave);
          resolve();
        },
      };
      if (over.aborted) return reject(over.reason as Error);
      this.#waiting.push(waiting);
      over.addEventListener('abort', leave, { once: true });
    });
  }

  #describe(reserved: number): Reservation {
    let left = reserved;
    const shrinkTo = (bytes: number): void => {
      if (bytes >= left) return;
      this.#used -= left - bytes;
      left = bytes;
      this.#admit();
    };
    return { shrinkTo, release: () => shrinkTo(0) };
  }

  #admit(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (!first || this.#used + first.bytes > this.maxBytes) return;
      this.#waiting.shift();
      this.#used += first.bytes;
      first.begin();
    }
  }
}
