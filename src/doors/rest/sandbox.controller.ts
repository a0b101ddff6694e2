import { Controller, Inject } from '@nestjs/common';
import { DoorRefusal, refuse } from '../../actions/door-refusal.js';
import { Flag, Integer, Values } from '../../actions/fields.js';
import type { Caller } from '../../callers/caller.js';
import { isObject, type JsonObject } from '../../actions/json.js';
import { type Method, Transport } from '../../actions/wire.js';
import { CONFIG, type Config } from '../../config/config.js';
import { json, Route, type RouteRequest } from '../door/route.js';
import { defineObject, Described, FREE, TEXT, TIME, WHOLE, YES_NO } from '../door/schema.js';

const ANSWER_WITHIN_MS = 10_000;
/** A week at a time: enough for every window, token and day that the platforms know. */
const LONGEST_STEP_MS = 604_800_000;

/** Which requests are wanted. */
class RequestsQuery {
  @Integer('Those after this number', { default: 0, min: 0, max: Number.MAX_SAFE_INTEGER })
  since!: number;
}

/** Body of a fault. */
@Described('What goes wrong, for which requests, and how often')
class ArmFault {
  @Values(
    '`method` and `path` (a prefix or a regular expression) of the requests; all when left out',
    {
      optional: true,
    },
  )
  match?: JsonObject;

  @Integer('How many requests', { default: 1, min: 1, max: 1_000_000 })
  times!: number;

  @Values('`kind`: status, delay, hang, reset, cut-request, cut-body or garbage, and what it needs')
  fault!: JsonObject;
}

/** Body of a step of the clock. */
@Described('How far the clock goes')
class MoveClock {
  @Integer('Milliseconds', { min: 0, max: LONGEST_STEP_MS })
  advance_ms!: number;
}

/** Body of a reset. */
@Described('What stays')
class ResetSandbox {
  @Flag('Connected accounts stay connected', { default: true })
  keep_grants!: boolean;
}

interface SeenRequest {
  readonly seq: number;
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly query: object;
  readonly headers: object;
  readonly token: boolean;
  readonly who: string | null;
  readonly status: number | null;
  readonly fault: string | null;
  readonly body: unknown;
  readonly answer: unknown;
  readonly acted: boolean;
}

const MAY_BE_NULL = { type: ['string', 'null'] } as const;

const SEEN_REQUEST = defineObject<SeenRequest>('SandboxRequest', {
  seq: { ...WHOLE, description: 'Its number, for `since`' },
  at: TIME,
  method: TEXT,
  path: TEXT,
  query: FREE,
  headers: FREE,
  token: { ...YES_NO, description: 'It had a credential, which is not shown' },
  who: { ...MAY_BE_NULL, description: 'Whose credential it had' },
  status: { type: ['integer', 'null'], description: 'Null where no answer was sent' },
  fault: { ...MAY_BE_NULL, description: 'The fault that it met' },
  body: {},
  answer: {},
  acted: { ...YES_NO, description: 'False where a fault answered before the platform could act' },
});

interface SeenRequests {
  readonly requests: readonly SeenRequest[];
  readonly last: number;
}

const SEEN_REQUESTS = defineObject<SeenRequests>('SandboxRequests', {
  requests: { type: 'array', items: SEEN_REQUEST },
  last: WHOLE,
});

interface FaultReport {
  readonly match: JsonObject;
  readonly times: number;
  readonly fault: JsonObject;
}

const FAULT = defineObject<FaultReport>('SandboxFault', {
  match: FREE,
  times: { ...WHOLE, description: 'How many more requests it hits' },
  fault: FREE,
});

interface FaultReports {
  readonly faults: readonly FaultReport[];
}

const FAULT_LIST = defineObject<FaultReports>('SandboxFaults', {
  faults: { type: 'array', items: FAULT },
});

const STATE = defineObject<{ now: string }>(
  'SandboxState',
  { now: { ...TIME, description: 'What the platforms take for the time' } },
  [],
  'The simulated platforms, each as a member of its name',
);

const CLOCK = defineObject<{ now: string }>('SandboxClock', { now: TIME });
const DONE = defineObject<{ reset: boolean }>('SandboxReset', { reset: YES_NO });

/** The control of the simulated platforms, for those who may sign in here; elsewhere it is on loopback. */
@Controller()
export class SandboxController {
  constructor(
    private readonly transport: Transport,
    @Inject(CONFIG) private readonly config: Pick<Config, 'sandboxUrl'>,
  ) {}

  @Route({
    method: 'GET',
    path: '/api/v1/sandbox/state',
    tag: 'Sandbox',
    summary: 'Show the simulated platforms as they are now',
    needs: ['read_audit'],
    answers: { 200: json('The platforms', STATE) },
    refuses: [404, 503],
  })
  showState({ caller }: RouteRequest): Promise<{ now: string }> {
    return this.#ask('GET', '/state', caller);
  }

  @Route({
    method: 'GET',
    path: '/api/v1/sandbox/requests',
    tag: 'Sandbox',
    summary: 'List the requests that arrived at the simulated platforms',
    needs: ['read_audit'],
    query: RequestsQuery,
    answers: { 200: json('The requests', SEEN_REQUESTS) },
    refuses: [404, 503],
  })
  listRequests({ caller, query }: RouteRequest<{ query: RequestsQuery }>): Promise<SeenRequests> {
    return this.#ask('GET', `/requests?since=${query.since}`, caller);
  }

  @Route({
    method: 'GET',
    path: '/api/v1/sandbox/faults',
    tag: 'Sandbox',
    summary: 'List the faults that are to come',
    needs: ['read_audit'],
    answers: { 200: json('The faults', FAULT_LIST) },
    refuses: [404, 503],
  })
  listFaults({ caller }: RouteRequest): Promise<FaultReports> {
    return this.#ask('GET', '/faults', caller);
  }

  @Route({
    method: 'POST',
    path: '/api/v1/sandbox/faults',
    tag: 'Sandbox',
    summary: 'Let something go wrong at the simulated platforms',
    needs: ['manage_flags'],
    body: ArmFault,
    example: {
      match: { path: '/twitch/helix/nothing' },
      times: 1,
      fault: { kind: 'status', status: 503 },
    },
    answers: { 200: json('The fault', FAULT) },
    refuses: [404, 503],
  })
  armFault({ caller, body }: RouteRequest<{ body: ArmFault }>): Promise<FaultReport> {
    return this.#ask('POST', '/faults', caller, { ...body });
  }

  @Route({
    method: 'DELETE',
    path: '/api/v1/sandbox/faults',
    tag: 'Sandbox',
    summary: 'Remove every fault that is to come',
    needs: ['manage_flags'],
    answers: { 200: json('None', FAULT_LIST) },
    refuses: [404, 503],
  })
  clearFaults({ caller }: RouteRequest): Promise<FaultReports> {
    return this.#ask('DELETE', '/faults', caller);
  }

  @Route({
    method: 'POST',
    path: '/api/v1/sandbox/clock',
    tag: 'Sandbox',
    summary: 'Move the clock of the simulated platforms forward',
    needs: ['manage_flags'],
    body: MoveClock,
    example: { advance_ms: 60_000 },
    answers: { 200: json('The time', CLOCK) },
    refuses: [404, 503],
  })
  moveClock({ caller, body }: RouteRequest<{ body: MoveClock }>): Promise<{ now: string }> {
    return this.#ask('POST', '/clock', caller, { ...body });
  }

  @Route({
    method: 'POST',
    path: '/api/v1/sandbox/reset',
    tag: 'Sandbox',
    summary: 'Put the simulated platforms back to how they were at the start',
    needs: ['manage_flags'],
    body: ResetSandbox,
    example: { keep_grants: true },
    answers: { 200: json('Done', DONE) },
    refuses: [404, 503],
  })
  reset({ caller, body }: RouteRequest<{ body: ResetSandbox }>): Promise<{ reset: boolean }> {
    return this.#ask('POST', '/reset', caller, { ...body });
  }

  /** @throws DoorRefusal where there is no sandbox, where it does not answer, and what it refuses */
  async #ask<Answer>(
    method: Method,
    path: string,
    caller: Caller,
    body?: JsonObject,
  ): Promise<Answer> {
    const { sandboxUrl } = this.config;
    if (sandboxUrl === undefined)
      throw refuse.notFound('This gateway acts on real platforms: it has no sandbox');
    if (caller.isNarrowed || caller.owner !== undefined)
      throw refuse.forbidden(
        `Caller "${caller.name}" is bound to a part of the accounts, and the sandbox is of all`,
      );
    const delivery = await this.transport.deliver(
      { method, url: `${sandboxUrl}/sandbox${path}`, headers: {}, ...(body && { body }) },
      ANSWER_WITHIN_MS,
    );
    if (delivery.kind !== 'answered')
      throw refuse.unavailable(`The sandbox does not answer: ${delivery.reason}`);
    const { status, body: answer } = delivery.answer;
    if (status < 300 && isObject(answer)) return answer as Answer;
    const message = isObject(answer) ? String(answer['message']) : 'no answer of its own';
    throw new DoorRefusal('INVALID_ARGUMENT', 400, `The sandbox refused it: ${message}`);
  }
}
