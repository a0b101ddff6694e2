import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '../actions/door-refusal.js';
import { isObject } from '../actions/json.js';
import type { Outcome } from '../actions/outcome.js';
import type { Call } from '../callers/call.js';
import type { EnvelopeForm } from '../doors/door/dialect.js';
import { Catalogue } from '../execution/catalogue.js';
import { type EarlierOptions, PredecessorEngine } from './engine.js';
import type { EarlierRequest } from './predecessor.js';
import { setOutcomeHeaders, readEarlierOptions } from './rest-routes.js';
import {
  answerTwitch,
  isTwitchForm,
  readTwitchRequest,
  tellTwitchRequestApart,
  type TwitchAnswer,
} from './twitch.js';

/** Envelopes in the form of the earlier Twitch service, through either door. */
@Injectable()
export class TwitchForm implements EnvelopeForm {
  constructor(
    private readonly engine: PredecessorEngine,
    private readonly catalogue: Catalogue,
  ) {}

  recognise(value: unknown, isExpected: boolean): boolean {
    return isTwitchForm(value, isExpected);
  }

  async execute(
    envelope: EarlierRequest,
    call: Call,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<TwitchAnswer> {
    const { outcome, answer } = await this.carryOut(envelope, call, readEarlierOptions(request));
    setOutcomeHeaders(reply, outcome);
    return answer;
  }

  /** @throws DoorRefusal for a request without its two names */
  async carryOut(
    asked: EarlierRequest,
    call: Call,
    options: EarlierOptions,
  ): Promise<{ readonly outcome: Outcome; readonly answer: TwitchAnswer }> {
    if (!asked['action_type'] || !asked['broadcaster_id'])
      throw refuse.malformed('action_type and broadcaster_id are required');
    const apart = tellTwitchRequestApart(asked);
    const outcome = await this.engine.execute(this.#read(asked), { ...call, apart }, options);
    return { outcome, answer: answerTwitch(outcome, asked) };
  }

  translate(
    asked: EarlierRequest,
    { caller }: Pick<Call, 'caller'>,
    options: EarlierOptions = {},
  ): EarlierRequest {
    return this.engine.complete(this.#read(asked), options, caller);
  }

  open(call: Call): Call {
    return this.engine.open({ ...call, apart: '' });
  }

  answer(outcome: Outcome, asked: EarlierRequest): TwitchAnswer {
    return answerTwitch(outcome, asked);
  }

  #read(asked: EarlierRequest): EarlierRequest {
    return readTwitchRequest(asked, (type) => {
      const properties = this.catalogue.findAction('twitch', type)?.inputSchema['properties'];
      return isObject(properties) ? properties : undefined;
    });
  }
}
