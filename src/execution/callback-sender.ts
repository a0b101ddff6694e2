import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ActionLog } from '../journal/action-log.js';
import { Callbacks, type Delivered, type DueCallback } from '../queue/callbacks.js';
import { SignedPost } from './signed-post.js';

const LOOK_EVERY_MS = 500;
const SIDE_BY_SIDE = 20;

/** Posts outcomes to callback addresses: signed, and repeated until they are accepted. */
@Injectable()
export class CallbackSender implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(CallbackSender.name);
  readonly #sending = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(
    private readonly callbacks: Callbacks,
    private readonly log: ActionLog,
    private readonly post: SignedPost,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
    }, LOOK_EVERY_MS);
  }

  /** Waits for callbacks being sent. Other replicas, or the next start, send the rest. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await Promise.allSettled(this.#sending);
  }

  async #look(): Promise<void> {
    try {
      const due = await this.callbacks.take(SIDE_BY_SIDE - this.#sending.size);
      for (const callback of due) {
        const sending = this.#deliver(callback).finally(() => this.#sending.delete(sending));
        this.#sending.add(sending);
      }
    } catch (error) {
      this.#logger.warn(`callbacks wait: ${(error as Error).message}`);
    }
  }

  async #deliver(callback: DueCallback): Promise<void> {
    try {
      const result = await this.#send(callback);
      if (result.state === 'dead')
        this.#logger.warn(`the callback of ${callback.actionId} is given up: ${result.error}`);
      await this.callbacks.settle(callback, result);
    } catch (error) {
      // The callback stays due, and is tried again.
      this.#logger.warn(`the callback of ${callback.actionId} waits: ${(error as Error).message}`);
    }
  }

  async #send({ actionId, url, tries }: DueCallback): Promise<Delivered> {
    const logged = await this.log.read(actionId);
    if (!logged) return { state: 'dead', error: 'The log keeps nothing of this action any more' };
    const { outcome } = logged;
    const text = this.post.write({
      // The same id for every repeat; another id when an unknown outcome has become final.
      id: `${actionId}.${outcome.status}`,
      type: 'action.finished',
      subject: actionId,
      sentAt: new Date(),
      data: outcome,
    });
    return this.post.send(url, { ...text, tries });
  }
}
