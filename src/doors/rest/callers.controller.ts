import { Controller, Inject } from '@nestjs/common';
import { DoorRefusal, refuse } from '../../actions/door-refusal.js';
import { isObject } from '../../actions/json.js';
import { suggestName } from '../../actions/nearest-name.js';
import { AuditEvents, type HistoryPage } from '../../journal/audit-events.js';
import type { Bounds, Caller } from '../../callers/caller.js';
import {
  type CallerReport,
  type CallerRequest,
  Callers,
  nameSubject,
  readBounds,
} from '../../callers/callers.js';
import { isKeyCallerId } from '../../callers/identity.js';
import { chooseOwner } from '../../callers/permissions.js';
import { CONFIG, type Config } from '../../config/config.js';
import { databaseClock } from '../../config/database-clock.js';
import { Catalogue } from '../../execution/catalogue.js';
import { EVERYTHING } from '../../safeguards/flag-key.js';
import { Flags } from '../../safeguards/flags.js';
import { empty, json, Route, type RouteRequest } from '../door/route.js';
import {
  CALLER,
  CALLER_LIST,
  CALLER_WITH_KEY,
  CallerPath,
  type CallerWithKey,
  AdjustCaller,
  ChangeCaller,
  CreateCaller,
  RotateCaller,
} from './caller-schemas.js';
import { HISTORY, HistoryQuery, requirePage } from './history.js';

type OneCaller = RouteRequest<{ params: CallerPath }>;

/** Callers with keys of their own. A caller gives no more than it has, and never changes its own bounds. */
@Controller()
export class CallersController {
  constructor(
    private readonly callers: Callers,
    private readonly events: AuditEvents,
    private readonly flags: Flags,
    private readonly catalogue: Catalogue,
    @Inject(CONFIG) private readonly config: Pick<Config, 'CALLER_REQUESTS_PER_MINUTE'>,
  ) {}

  @Route({
    method: 'GET',
    path: '/api/v1/callers',
    tag: 'Tokens',
    summary: 'List the callers with keys of their own that may do no more than the asker',
    needs: ['manage_callers'],
    answers: { 200: json('The callers', CALLER_LIST) },
  })
  async listCallers({ caller }: RouteRequest): Promise<{ callers: CallerReport[] }> {
    const all = await this.callers.list();
    return { callers: all.filter((known) => this.#maySee(caller, known)) };
  }

  @Route({
    method: 'GET',
    path: '/api/v1/callers/:id',
    tag: 'Tokens',
    summary: 'Show a caller',
    needs: ['manage_callers'],
    params: CallerPath,
    answers: { 200: json('The caller', CALLER) },
    refuses: [409],
  })
  getCaller({ caller, params }: OneCaller): Promise<CallerReport> {
    return this.#requireKnown(caller, params.id);
  }

  @Route({
    method: 'GET',
    path: '/api/v1/callers/:id/history',
    tag: 'Tokens',
    summary: 'Tell who changed what of a caller, the newest first',
    needs: ['manage_callers'],
    weight: 5,
    params: CallerPath,
    query: HistoryQuery,
    answers: { 200: json('A part of its history', HISTORY) },
    refuses: [409],
  })
  async tellCallerHistory({
    caller,
    params,
    query,
  }: RouteRequest<{ params: CallerPath; query: HistoryQuery }>): Promise<HistoryPage> {
    const { identity } = await this.#requireKnown(caller, params.id);
    return requirePage(await this.events.list({ subject: nameSubject(identity), ...query }));
  }

  @Route({
    method: 'POST',
    path: '/api/v1/callers',
    tag: 'Tokens',
    summary: 'Give a caller a key of its own',
    description:
      'The key is told this once; the token door makes tokens for it. No caller gives more than ' +
      'it has itself.',
    needs: ['manage_callers'],
    body: CreateCaller,
    example: {
      id: 'chat-bot',
      permissions: ['execute_actions'],
      actions: ['twitch.chat'],
      requests_per_minute: 600,
    },
    answers: { 201: json('The caller and its key', CALLER_WITH_KEY) },
    refuses: [409],
  })
  async createCaller({
    caller,
    body,
  }: RouteRequest<{ body: CreateCaller }>): Promise<CallerWithKey> {
    const { id: name, owner: named, ...given } = body;
    if (isKeyCallerId(name))
      throw refuse.malformed(`id: "${name}" has the form of an identity: choose another name`);
    const bounds = this.#readBounds(caller, given);
    const owner = chooseOwner(caller, named) ?? '';
    const made = await this.callers.create(name, bounds, owner, caller.identity);
    if (made === undefined)
      throw new DoorRefusal('ALREADY_EXISTS', 409, `There is a caller "${name}" already`);
    return { caller: await this.#requireKnown(caller, made.identity), api_key: made.key };
  }

  @Route({
    method: 'PUT',
    path: '/api/v1/callers/:id',
    tag: 'Tokens',
    summary: 'Say anew what a caller may do; also for the tokens that it has',
    needs: ['manage_callers'],
    params: CallerPath,
    body: ChangeCaller,
    example: { permissions: ['execute_actions'], platforms: ['twitch'] },
    answers: { 200: json('The caller as it is now', CALLER) },
    refuses: [409],
  })
  async changeCaller({
    caller,
    params,
    body,
  }: RouteRequest<{ params: CallerPath; body: ChangeCaller }>): Promise<CallerReport> {
    const { identity, policy } = await this.#requireChangeable(caller, params.id);
    requireOther(caller, identity);
    // A client that does not know policies must not end one.
    const bounds = this.#readBounds(caller, {
      ...body,
      policy: body.policy ?? policy ?? undefined,
    });
    if (!(await this.callers.change(identity, bounds, caller.identity)))
      throw refuseUnknown(params.id);
    return this.#requireKnown(caller, identity);
  }

  @Route({
    method: 'PATCH',
    path: '/api/v1/callers/:id',
    tag: 'Tokens',
    summary: 'Change some of what a caller may do; what is left out stays, and null ends a bound',
    needs: ['manage_callers'],
    params: CallerPath,
    body: AdjustCaller,
    example: { requests_per_minute: 600, accounts: null },
    answers: { 200: json('The caller as it is now', CALLER) },
    refuses: [409],
  })
  async adjustCaller({
    caller,
    params,
    body,
    request,
  }: RouteRequest<{ params: CallerPath; body: AdjustCaller }>): Promise<CallerReport> {
    const known = await this.#requireChangeable(caller, params.id);
    requireOther(caller, known.identity);
    // A null is read as left out, and ends a bound here.
    const given = isObject(request.body) ? request.body : {};
    const pick = <Value>(name: keyof AdjustCaller, now: Value | null): Value | undefined =>
      (Object.hasOwn(given, name) ? (body[name] as Value | undefined) : now) ?? undefined;
    const bounds = this.#readBounds(caller, {
      permissions: body.permissions ?? [...known.permissions],
      platforms: pick('platforms', known.platforms as string[] | null),
      accounts: pick('accounts', known.accounts as string[] | null),
      actions: pick('actions', known.actions as string[] | null),
      requests_per_minute: pick('requests_per_minute', known.requests_per_minute),
      policy: pick('policy', known.policy),
      expires_at: pick('expires_at', known.expires_at),
    });
    const { identity, updated_at } = known;
    if (!(await this.callers.change(identity, bounds, caller.identity, updated_at)))
      throw refuse.conflict(
        `Caller "${known.id}" was changed or revoked at the same moment; read it and change it again`,
      );
    return this.#requireKnown(caller, identity);
  }

  @Route({
    method: 'POST',
    path: '/api/v1/callers/:id/rotate',
    tag: 'Tokens',
    summary: 'Give a caller another key; the one before is taken for a while as well',
    needs: ['manage_callers'],
    params: CallerPath,
    body: RotateCaller,
    example: { grace_seconds: 86_400 },
    answers: { 200: json('The caller and its new key', CALLER_WITH_KEY) },
    refuses: [409],
  })
  async rotateCaller({
    caller,
    params,
    body,
  }: RouteRequest<{ params: CallerPath; body: RotateCaller }>): Promise<CallerWithKey> {
    const { identity } = await this.#requireChangeable(caller, params.id);
    const key = await this.callers.rotate(identity, body.grace_seconds, caller.identity);
    if (key === undefined) throw refuseUnknown(params.id);
    return { caller: await this.#requireKnown(caller, identity), api_key: key };
  }

  @Route({
    method: 'DELETE',
    path: '/api/v1/callers/:id',
    tag: 'Tokens',
    summary: 'Revoke a caller, its keys, its tokens and what of it waits',
    needs: ['manage_callers'],
    params: CallerPath,
    answers: { 204: empty('It is revoked') },
    refuses: [409],
  })
  async removeCaller({ caller, params }: OneCaller): Promise<void> {
    const { identity } = await this.#requireChangeable(caller, params.id);
    if (!(await this.callers.remove(identity, caller.identity))) throw refuseUnknown(params.id);
  }

  /**
   * The caller of a name or an identity, as far as the asker may see it.
   * @throws DoorRefusal NOT_FOUND, ALREADY_EXISTS for a name that several tenants have
   */
  async #requireKnown(caller: Caller, id: string): Promise<CallerReport> {
    const found = (await this.callers.find(id)).filter((known) => this.#maySee(caller, known));
    const exact = found.find(({ identity }) => identity === id);
    const ofTenant = found.filter(({ owner }) => owner === (caller.owner ?? ''));
    const known = exact ?? (ofTenant.length === 1 ? ofTenant[0] : found[0]);
    if (!known) throw refuseUnknown(id);
    if (known === exact || ofTenant.length === 1 || found.length === 1) return known;
    const identities = found.map(({ identity, owner }) => `${identity} (owner "${owner}")`);
    throw new DoorRefusal(
      'ALREADY_EXISTS',
      409,
      `Several tenants have a caller "${id}": name one by its identity: ${identities.join(', ')}`,
    );
  }

  /** @throws DoorRefusal FORBIDDEN for a caller that may do more than the asker: its key would give it all */
  async #requireChangeable(caller: Caller, id: string): Promise<CallerReport> {
    const known = await this.#requireKnown(caller, id);
    const excess = this.#findExcess(caller, known);
    if (excess === undefined) return known;
    throw refuse.forbidden(
      `Caller "${caller.name}" may not change caller "${known.id}", which has more than it: ${excess}`,
    );
  }

  /** Of callers that may do more than the asker, it is not told whether they exist. */
  #maySee(caller: Caller, known: CallerReport): boolean {
    const { identity, owner } = known;
    const bounds = this.#expandBounds(known);
    return caller.reachesCaller(
      { identity, owner, bounds },
      this.config.CALLER_REQUESTS_PER_MINUTE,
    );
  }

  #readBounds(caller: Caller, given: ChangeCaller): CallerRequest {
    this.#requireNames('platforms', given.platforms, [
      ...new Set(this.catalogue.list().map(({ platform }) => platform.name)),
    ]);
    const names = this.flags.keys.filter((key) => key !== EVERYTHING);
    this.#requireNames('actions', given.actions, names);
    const bounds = {
      permissions: given.permissions,
      platforms: given.platforms ?? null,
      accounts: given.accounts ?? null,
      actions: given.actions ?? null,
      requests_per_minute: given.requests_per_minute ?? null,
      policy: given.policy ?? null,
      expires_at: readTimeAhead(given.expires_at),
    };
    const excess = this.#findExcess(caller, bounds);
    if (excess !== undefined)
      throw refuse.forbidden(`Caller "${caller.name}" may not give more than it has: ${excess}`);
    return bounds;
  }

  #requireNames(field: string, names: readonly string[] = [], known: readonly string[]): void {
    const unknown = names.find((name) => !known.includes(name));
    if (unknown === undefined) return;
    throw refuse.malformed(`${field}: there is no "${unknown}".${suggestName(unknown, known)}`);
  }

  /** What of these bounds goes beyond the asker's own; undefined when nothing does. */
  #findExcess(caller: Caller, request: CallerRequest): string | undefined {
    const bounds = this.#expandBounds(request);
    return caller.findExcess(bounds, this.config.CALLER_REQUESTS_PER_MINUTE);
  }

  /** Bounds with the actions of a group in place of its name. */
  #expandBounds(request: CallerRequest): Bounds {
    const bounds = readBounds(request);
    const actions = bounds.actions && this.catalogue.expandActions(bounds.actions);
    return { ...bounds, actions };
  }
}

/** @throws DoorRefusal for a caller that would change itself */
function requireOther(caller: Caller, identity: string): void {
  if (identity !== caller.identity) return;
  throw refuse.forbidden(
    `Caller "${caller.name}" may not change its own bounds: ask the admin that made it`,
  );
}

function refuseUnknown(id: string): DoorRefusal {
  return refuse.notFound(`No caller "${id}" within your reach is known`);
}

/** @throws DoorRefusal for a time that is over */
function readTimeAhead(text: string | undefined): string | null {
  if (text === undefined) return null;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw refuse.malformed('expires_at is in no calendar');
  if (at <= databaseClock.now()) throw refuse.malformed('expires_at lies in the past');
  return new Date(at).toISOString();
}
