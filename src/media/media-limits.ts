import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { ActionFailure } from '../actions/failures.js';
import type { WindowLimit } from '../actions/limit.js';
import { CONFIG, type Config } from '../config/config.js';
import { CallerBudgets } from '../safeguards/caller-budgets.js';
import { Limits } from '../safeguards/limits.js';
import { refuseForNow } from './contract/media-refusal.js';

const MINUTE_MS = 60_000;
const BUSY_FOR_MS = 5_000;

type LimitSettings = Pick<
  Config,
  | 'MEDIA_INFO_PER_MINUTE'
  | 'MEDIA_DOWNLOADS_PER_FIVE_MINUTES'
  | 'MEDIA_DOWNLOADS_AT_A_TIME'
  | 'MEDIA_WORKERS'
>;

/** Limits of media never wait: a request beyond them is refused. */
const NO_WAIT = { leftMs: () => 0, race: <T>(work: Promise<T>): Promise<T> => work };

/** How much media one caller may request: per time on all replicas together, concurrently on each. */
@Injectable()
export class MediaLimits {
  readonly #downloads = new Map<string, number>();
  #busy = 0;

  constructor(
    private readonly limits: Limits,
    private readonly budgets: CallerBudgets,
    @Inject(CONFIG) private readonly settings: LimitSettings,
  ) {}

  /** Counts a question about a video. @throws MediaRefusal 429 */
  countInfo(caller: Caller): Promise<void> {
    return this.#count(caller, 'info', this.settings.MEDIA_INFO_PER_MINUTE, MINUTE_MS);
  }

  /** Counts a download. @throws MediaRefusal 429 */
  countDownload(caller: Caller): Promise<void> {
    const { MEDIA_DOWNLOADS_PER_FIVE_MINUTES: most } = this.settings;
    return this.#count(caller, 'downloads', most, 5 * MINUTE_MS);
  }

  /** Takes a place of this replica. @returns gives it back, once @throws MediaRefusal 429 */
  acquireSlot(): () => void {
    if (this.#busy >= this.settings.MEDIA_WORKERS)
      throw refuseForNow('This replica has as much media under way as it may', BUSY_FOR_MS);
    this.#busy += 1;
    return once(() => (this.#busy -= 1));
  }

  /** The same for a download, of which a caller has few at a time. */
  acquireDownloadSlot({ id }: Caller): () => void {
    const before = this.#downloads.get(id) ?? 0;
    const { MEDIA_DOWNLOADS_AT_A_TIME: most } = this.settings;
    if (before >= most)
      throw refuseForNow(
        `This caller has ${before} downloads under way, and may have ${most}`,
        BUSY_FOR_MS,
      );
    const leave = this.acquireSlot();
    this.#downloads.set(id, before + 1);
    return once(() => {
      leave();
      const left = (this.#downloads.get(id) ?? 1) - 1;
      if (left > 0) this.#downloads.set(id, left);
      else this.#downloads.delete(id);
    });
  }

  async #count(caller: Caller, what: string, tokens: number, windowMs: number): Promise<void> {
    try {
      await this.budgets.spend(caller.identity, caller.requestsPerMinute);
      if (tokens === 0) return;
      const limit: WindowLimit = {
        kind: 'window',
        bucket: nameBucket(what, caller),
        tokens,
        windowMs,
      };
      const spending = await this.limits.pay({
        limits: [limit],
        priority: 'NORMAL',
        time: NO_WAIT,
      });
      // No other request shares this reservation.
      this.limits.learn(spending, []);
    } catch (error) {
      if (!(error instanceof ActionFailure) || error.code !== 'RATE_LIMITED') throw error;
      throw refuseForNow(error.message, error.details.retryAfterMs ?? windowMs);
    }
  }
}

/** Names of callers are free text, and PostgreSQL takes no NUL. */
function nameBucket(what: string, { id }: Caller): string {
  return `youtube:media-${what}:${id.replaceAll(/\p{Cc}/gu, '?')}`;
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}
