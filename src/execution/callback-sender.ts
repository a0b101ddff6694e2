import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { ActionFailure } from '../actions/failures.js';
import { ActionLog } from '../audit/action-log.js';
import { Callbacks, type Delivered, type DueCallback } from '../audit/callbacks.js';
import { CONFIG, type Config } from '../config/config.js';
import { EgressGuard } from './egress.js';

const LOOK_EVERY_MS = 500;
const SIDE_BY_SIDE = 20;
const ANSWER_WITHIN_MS = 15_000;
const GONE = 410;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * How long to wait after each try in vain; after the last one a callback is dead.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
const PAUSES_MS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** Tells those who asked for it what became of their actions: signed, and again until it is taken. */
@Injectable()
export class CallbackSender implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(CallbackSender.name);
  readonly #signers: readonly Webhook[];
  readonly #sending = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(
    private readonly callbacks: Callbacks,
    private readonly log: ActionLog,
    private readonly egress: EgressGuard,
    @Inject(CONFIG) { callbackSecrets }: Config,
  ) {
    this.#signers = callbackSecrets.map((secret) => new Webhook(secret));
  }

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
    }, LOOK_EVERY_MS);
  }

  /** What is on its way is waited for; what is not sent others send, or the next start. */
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
        this.#logger.warn(`the callback of ${callback.actionId} is dead: ${result.error}`);
      await this.callbacks.settle(callback, result);
    } catch (error) {
      // It stays due, and its time comes again.
      this.#logger.warn(`the callback of ${callback.actionId} waits: ${(error as Error).message}`);
    }
  }

  async #send({ actionId, url, tries }: DueCallback): Promise<Delivered> {
    const logged = await this.log.read(actionId);
    if (!logged) return { state: 'dead', error: 'The log keeps nothing of this action any more' };
    const { outcome } = logged;
    const now = new Date();
    const body = JSON.stringify({
      type: 'action.finished',
      timestamp: now.toISOString(),
      data: outcome,
    });
    // The same for every repeat; another where what was unknown has become final.
    const id = `${actionId}.${outcome.status}`;
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / SECOND)),
      'webhook-signature': this.#signers.map((signer) => signer.sign(id, now, body)).join(' '),
    };
    try {
      const status = await this.egress.post(url, { body, headers, timeoutMs: ANSWER_WITHIN_MS });
      if (status >= 200 && status < 300) return { state: 'delivered' };
      if (status === GONE) return { state: 'dead', error: 'It answered 410: it wants no more' };
      return decideNext(tries, `It answered ${status}`);
    } catch (error) {
      if (!(error instanceof ActionFailure)) throw error;
      return decideNext(tries, error.message);
    }
  }
}

/** After a try in vain. The pause is spread, so that callbacks that failed together come apart. */
function decideNext(tries: number, error: string): Delivered {
  const pauseMs = PAUSES_MS[tries - 1];
  if (pauseMs === undefined) return { state: 'dead', error };
  return { state: 'due', error, waitMs: pauseMs * (0.9 + Math.random() * 0.2) };
}
