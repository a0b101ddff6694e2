import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { METRICS } from '../observability/metrics.js';
import { ByteQueue } from './byte-queue.js';
import { HeldBytes } from './held-bytes.js';

/** Of the bytes of unfinished messages, the share that callers without a credential may hold. */
const UNKNOWN_SHARE = 1 / 4;
/** Of the workers, the share that may wait for bytes of files: the others serve actions without files. */
const WAITING_SHARE = 1 / 4;

type Settings = Pick<
  Config,
  | 'MAX_UNREAD_ANSWER_BYTES'
  | 'MAX_UNFINISHED_MESSAGE_BYTES'
  | 'MAX_FILE_BYTES'
  | 'MAX_OPEN_REQUESTS'
  | 'MAX_WORKERS'
>;

/** The bounds of the process on what callers make it hold, over all doors together. */
@Injectable()
export class ProcessBounds {
  /** Bytes of answers that were written and that their callers have not read. */
  readonly unreadAnswers: HeldBytes;
  /** Bytes of messages and bodies that are not complete, of callers whose credential is right. */
  readonly unfinishedMessages: HeldBytes;
  /** The same of callers that have shown no credential, such as those of health and reflection. */
  readonly unknownCallers: HeldBytes;
  /** Bytes of files on their way from an address or an envelope to a platform. */
  readonly files: ByteQueue;
  /** Requests and calls under way, at all doors. */
  readonly requests: OpenRequests;

  constructor(@Inject(CONFIG) settings: Settings) {
    const unfinished = settings.MAX_UNFINISHED_MESSAGE_BYTES;
    this.unreadAnswers = new HeldBytes('unread_answers', settings.MAX_UNREAD_ANSWER_BYTES);
    this.unfinishedMessages = new HeldBytes('unfinished_messages', unfinished);
    this.unknownCallers = new HeldBytes('unknown_callers', Math.floor(unfinished * UNKNOWN_SHARE));
    const longestLine = Math.max(1, Math.floor(settings.MAX_WORKERS * WAITING_SHARE));
    this.files = new ByteQueue(settings.MAX_FILE_BYTES, longestLine);
    this.requests = new OpenRequests(settings.MAX_OPEN_REQUESTS);
    METRICS.heldBytesLimit.set({ kind: 'files' }, settings.MAX_FILE_BYTES);
  }

  /** Writes what is held now into the metrics. */
  report(): void {
    for (const held of [this.unreadAnswers, this.unfinishedMessages, this.unknownCallers])
      METRICS.heldBytes.set({ kind: held.kind }, held.used);
    METRICS.heldBytes.set({ kind: 'files' }, this.files.used);
    METRICS.waitingForFiles.set(this.files.waiting);
    METRICS.openRequests.set(this.requests.open);
    METRICS.openRequestsLimit.set(this.requests.most);
  }
}

/** Of the requests under way, the share that one caller or address may have. */
const OWN_SHARE = 1 / 2;

/** Counts the requests under way in this process. */
export class OpenRequests {
  readonly #byOwner = new Map<string, number>();
  readonly #mostPerOwner: number;
  #open = 0;

  /** @param most 0 sets no limit */
  constructor(readonly most: number) {
    this.#mostPerOwner = Math.ceil(most * OWN_SHARE);
  }

  get open(): number {
    return this.#open;
  }

  /**
   * @param owner a caller or an IP address
   * @returns false when as many are under way as may be, of all or of this owner
   */
  enter(owner: string): boolean {
    const own = this.#byOwner.get(owner) ?? 0;
    if (this.most > 0 && (this.#open >= this.most || own >= this.#mostPerOwner)) {
      METRICS.dropped.inc({ kind: 'requests' });
      return false;
    }
    this.#open += 1;
    this.#byOwner.set(owner, own + 1);
    return true;
  }

  /** Ends what `enter` began. */
  leave(owner: string): void {
    this.#open -= 1;
    const left = (this.#byOwner.get(owner) ?? 1) - 1;
    if (left > 0) this.#byOwner.set(owner, left);
    else this.#byOwner.delete(owner);
  }
}
