import { Controller, Inject } from '@nestjs/common';
import { refuse } from '../../actions/door-refusal.js';
import { Flag, Integer, Values } from '../../actions/fields.js';
import { isObject } from '../../actions/json.js';
import type { Caller } from '../../callers/caller.js';
import { requireWholeGateway } from '../../callers/permissions.js';
import { CONFIG, type Config } from '../../config/config.js';
import { AuditEvents } from '../../journal/audit-events.js';
import { json, Route, type RouteRequest } from '../door/route.js';
import { defineObject, defineSchema, FREE, TIME, WHOLE, YES_NO } from '../door/schema.js';

const ANSWER_WITHIN_MS = 10_000;
/** Ten years: the simulated platforms know no later time. */
const FARTHEST_MS = 10 * 365 * 86_400_000;

class ListSandboxRequests {
  @Integer('Requests after the one with this number', { min: 0, default: 0 })
  since!: number;
}

class ArmFault {
  @Values('Which requests it meets, such as {"method": "POST", "path": "/twitch/helix"}', {
    default: {},
  })
  match!: Record<string, unknown>;

  @Integer('How many requests it meets', { min: 1, max: 1_000_000, default: 1 })
  times!: number;

  @Values('What happens to them, such as {"kind": "status", "status": 503}')
  fault!: Record<string, unknown>;
}

class MoveClock {
  @Integer('Milliseconds', { min: 0, max: FARTHEST_MS })
  advance_ms!: number;
}

class ResetSandbox {
  @Flag('Connected accounts stay connected', { default: false })
  keep_grants!: boolean;
}

interface SandboxState {
  readonly now: string;
}
interface SandboxRequests {
  readonly requests: readonly object[];
  readonly last: number;
}
interface SandboxFaults {
  readonly faults: readonly object[];
}
interface SandboxReset {
  readonly reset: boolean;
}

const STATE = defineSchema<SandboxState>('SandboxState', {
  type: 'object',
  description: 'The time at the simulated platforms, and the state of each by its name',
  required: ['now'],
  properties: { now: TIME },
  additionalProperties: FREE,
});
const REQUESTS = defineObject<SandboxRequests>('SandboxRequests', {
  requests: { type: 'array', items: FREE, description: 'The oldest first' },
  last: { ...WHOLE, description: 'The number of the latest request' },
});
const FAULTS = defineObject<SandboxFaults>('SandboxFaults', {
  faults: { type: 'array', items: FREE },
});
const FAULT = defineSchema<object>('SandboxFault', {
  type: 'object',
  description: 'The fault as it is armed',
});
const CLOCK = defineObject<SandboxState>('SandboxClock', { now: TIME });
const RESET = defineObject<SandboxReset>('SandboxReset', { reset: YES_NO });

const BASE = '/api/v1/sandbox';
/** The accounts of the sandbox are those that its caller manages. */
const NEEDS = ['manage_accounts'] as const;

/**
 * The control of the simulated platforms, at the door of the gateway: the sandbox itself listens on this
 * machine alone, and any replica may serve it.
 */
@Controller()
export class SandboxController {
  constructor(
    private readonly events: AuditEvents,
    @Inject(CONFIG) private readonly config: Pick<Config, 'sandboxUrl'>,
  ) {}

  @Route({
    method: 'GET',
    path: `${BASE}/state`,
    tag: 'Sandbox',
    summary: 'Sandbox: show the state of the simulated platforms',
    needs: NEEDS,
    answers: { 200: json('The state', STATE) },
  })
  getSandboxState({ caller }: RouteRequest): Promise<SandboxState> {
    return this.#ask(caller, 'GET', '/state');
  }

  @Route({
    method: 'GET',
    path: `${BASE}/requests`,
    tag: 'Sandbox',
    summary: 'Sandbox: list the requests that arrived at the simulated platforms',
    needs: NEEDS,
    query: ListSandboxRequests,
    answers: { 200: json('The requests', REQUESTS) },
  })
  listSandboxRequests({
    caller,
    query: { since },
  }: RouteRequest<{ query: ListSandboxRequests }>): Promise<SandboxRequests> {
    return this.#ask(caller, 'GET', `/requests?since=${since}`);
  }

  @Route({
    method: 'GET',
    path: `${BASE}/faults`,
    tag: 'Sandbox',
    summary: 'Sandbox: list the faults that are armed',
    needs: NEEDS,
    answers: { 200: json('The faults', FAULTS) },
  })
  listSandboxFaults({ caller }: RouteRequest): Promise<SandboxFaults> {
    return this.#ask(caller, 'GET', '/faults');
  }

  @Route({
    method: 'POST',
    path: `${BASE}/faults`,
    tag: 'Sandbox',
    summary: 'Sandbox: arm a fault',
    needs: NEEDS,
    body: ArmFault,
    example: { match: { path: '/twitch' }, times: 1, fault: { kind: 'status', status: 503 } },
    answers: { 200: json('The fault', FAULT) },
  })
  armSandboxFault({ caller, body }: RouteRequest<{ body: ArmFault }>): Promise<object> {
    return this.#change(caller, 'POST', '/faults', { ...body });
  }

  @Route({
    method: 'DELETE',
    path: `${BASE}/faults`,
    tag: 'Sandbox',
    summary: 'Sandbox: disarm all faults',
    needs: NEEDS,
    answers: { 200: json('None', FAULTS) },
  })
  clearSandboxFaults({ caller }: RouteRequest): Promise<SandboxFaults> {
    return this.#change(caller, 'DELETE', '/faults');
  }

  @Route({
    method: 'POST',
    path: `${BASE}/clock`,
    tag: 'Sandbox',
    summary: 'Sandbox: move the clock of the simulated platforms forward',
    needs: NEEDS,
    body: MoveClock,
    answers: { 200: json('Their time now', CLOCK) },
  })
  moveSandboxClock({ caller, body }: RouteRequest<{ body: MoveClock }>): Promise<SandboxState> {
    return this.#change(caller, 'POST', '/clock', { ...body });
  }

  @Route({
    method: 'POST',
    path: `${BASE}/reset`,
    tag: 'Sandbox',
    summary: 'Sandbox: put the simulated platforms back to their initial state',
    needs: NEEDS,
    body: ResetSandbox,
    answers: { 200: json('It is done', RESET) },
  })
  resetSandbox({ caller, body }: RouteRequest<{ body: ResetSandbox }>): Promise<SandboxReset> {
    return this.#change(caller, 'POST', '/reset', { ...body });
  }

  /** Changes the sandbox, and writes down who did. */
  async #change<Answer>(
    caller: Caller,
    method: string,
    path: string,
    body?: Record<string, unknown>,
  ): Promise<Answer> {
    const answer = await this.#ask<Answer>(caller, method, path, body);
    await this.events.note({
      kind: 'sandbox.changed',
      callerId: caller.identity,
      subject: `sandbox${path}`,
      details: JSON.parse(JSON.stringify({ method, ...body })) as Record<string, never>,
    });
    return answer;
  }

  /** @throws DoorRefusal where there is no sandbox, for what it refuses, and where it does not answer */
  async #ask<Answer>(
    caller: Caller,
    method: string,
    path: string,
    body?: Record<string, unknown>,
  ): Promise<Answer> {
    requireWholeGateway(caller);
    const { sandboxUrl } = this.config;
    if (sandboxUrl === undefined)
      throw refuse.notFound('This gateway has no sandbox of its own: it runs with SANDBOX=false');
    const reply = await fetch(`${sandboxUrl}/sandbox${path}`, {
      method,
      ...(body && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    }).catch((error: unknown) => {
      throw refuse.unavailable(`The sandbox does not answer: ${(error as Error).message}`, 1_000);
    });
    const answer: unknown = await reply.json();
    if (reply.ok) return answer as Answer;
    const { error } = isObject(answer) ? answer : {};
    const message = typeof error === 'string' ? error : `The sandbox answered ${reply.status}`;
    throw refuse.malformed(message);
  }
}
