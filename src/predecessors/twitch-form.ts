import { Injectable } from '@nestjs/common';
import type { Call } from '../callers/call.js';
import { isObject } from '../actions/json.js';
import type { Outcome } from '../actions/outcome.js';
import { Catalogue } from '../execution/catalogue.js';
import { refuse } from '../actions/door-refusal.js';
import { type EarlierOptions, PredecessorEngine } from './engine.js';
import type { Asked } from './predecessor.js';
import { answerTwitch, readTwitchRequest, type TwitchAnswer } from './twitch.js';

/** Requests in the earlier Twitch service's form, through either door. */
@Injectable()
export class TwitchForm {
  constructor(
    private readonly engine: PredecessorEngine,
    private readonly catalogue: Catalogue,
  ) {}

  /** @throws DoorRefusal for a request without its two names */
  async execute(
    asked: Asked,
    call: Call,
    options: EarlierOptions,
  ): Promise<{ readonly outcome: Outcome; readonly answer: TwitchAnswer }> {
    if (!asked['action_type'] || !asked['broadcaster_id'])
      throw refuse.malformed('action_type and broadcaster_id are required');
    const outcome = await this.engine.execute(this.#read(asked), call, options);
    return { outcome, answer: answerTwitch(outcome, asked) };
  }

  /** The envelope in one of many requests. */
  translate(asked: Asked, options: EarlierOptions = {}): Asked {
    return this.engine.complete(this.#read(asked), options);
  }

  answer(outcome: Outcome, asked: Asked): TwitchAnswer {
    return answerTwitch(outcome, asked);
  }

  open(call: Call): Call {
    return this.engine.open(call);
  }

  #read(asked: Asked): Asked {
    return readTwitchRequest(asked, (type) => {
      const properties = this.catalogue.findAction('twitch', type)?.inputSchema['properties'];
      return isObject(properties) ? Object.keys(properties) : undefined;
    });
  }
}
