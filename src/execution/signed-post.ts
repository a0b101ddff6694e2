import { Inject, Injectable } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { ActionFailure } from '../actions/failures.js';
import type { Delivered } from '../queue/callbacks.js';
import { CONFIG, type Config, readPublicUrl } from '../config/config.js';
import { type CallbackEvent, type SignedText, writeEvent } from './callback-event.js';
import { EgressGuard } from './egress.js';

const ANSWER_WITHIN_MS = 15_000;
const GONE = 410;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * The pauses after failed tries; after the last one no more tries follow.
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

/** Posts a text to a caller's address, signed with every secret. Returns when to try again. */
@Injectable()
export class SignedPost {
  readonly #signers: readonly Webhook[];

  constructor(
    private readonly egress: EgressGuard,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.#signers = config.callbackSecrets.map((secret) => new Webhook(secret));
  }

  /** An event as this gateway writes them. */
  write(event: CallbackEvent): Omit<SignedText, 'tries'> {
    return writeEvent(event, this.config.CALLBACK_FORMAT, readPublicUrl(this.config));
  }

  /** Posts a text once. @throws ActionFailure for an address that is not allowed, or without an answer */
  async post(
    url: string,
    { id, sentAt, body, contentType = 'application/json' }: Omit<SignedText, 'tries'>,
  ): Promise<number> {
    const headers = {
      'content-type': contentType,
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(sentAt.getTime() / SECOND)),
      'webhook-signature': this.#signers.map((signer) => signer.sign(id, sentAt, body)).join(' '),
    };
    return this.egress.post(url, { body, headers, timeoutMs: ANSWER_WITHIN_MS });
  }

  async send(url: string, { tries, ...text }: SignedText): Promise<Delivered> {
    try {
      const status = await this.post(url, text);
      if (status >= 200 && status < 300) return { state: 'delivered' };
      if (status === GONE) return { state: 'dead', error: 'It answered 410: it wants no more' };
      return decideNext(tries, `It answered ${status}`);
    } catch (error) {
      if (!(error instanceof ActionFailure)) throw error;
      return decideNext(tries, error.message);
    }
  }
}

/** The result of a failed try. The pause is random, so that tries that failed together do not repeat together. */
function decideNext(tries: number, error: string): Delivered {
  const pauseMs = PAUSES_MS[tries - 1];
  if (pauseMs === undefined) return { state: 'dead', error };
  return { state: 'due', error, waitMs: pauseMs * (0.9 + Math.random() * 0.2) };
}
