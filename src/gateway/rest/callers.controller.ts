import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Put,
  Query,
  Req,
  UseInterceptors,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Caller } from '../../callers/caller.js';
import { suggestName } from '../../actions/nearest-name.js';
import { AuditEvents, type HistoryPage } from '../../journal/audit-events.js';
import { AuditInterceptor, openedCall } from '../../journal/audit.interceptor.js';
import { Catalogue } from '../../execution/catalogue.js';
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
import { Flags } from '../../safeguards/flags.js';
import { Requires, Weighs } from '../caller.guard.js';
import { ChangeCaller, CreateCaller, HistoryQuery, RotateCaller } from '../contracts/bodies.js';
import { DoorRefusal, refuse } from '../../actions/door-refusal.js';
import { parseBody } from './body.js';
import { databaseClock } from '../../config/database-clock.js';

/** A caller and its key, which is told this once. */
export interface CallerWithKey {
  readonly caller: CallerReport;
  readonly api_key: string;
}

/** Callers with keys of their own. A caller gives no more than it has, and never changes its own bounds. */
@Controller('api/v1/callers')
@Requires('manage_callers')
@UseInterceptors(AuditInterceptor)
export class CallersController {
  constructor(
    private readonly callers: Callers,
    private readonly events: AuditEvents,
    private readonly flags: Flags,
    private readonly catalogue: Catalogue,
    @Inject(CONFIG) private readonly config: Pick<Config, 'CALLER_REQUESTS_PER_MINUTE'>,
  ) {}

  @Get()
  async list(@Req() request: FastifyRequest): Promise<{ callers: CallerReport[] }> {
    const { caller } = openedCall(request);
    const all = await this.callers.list();
    return { callers: all.filter((known) => this.#maySee(caller, known)) };
  }

  @Get(':id')
  async show(@Param('id') id: string, @Req() request: FastifyRequest): Promise<CallerReport> {
    return this.#requireKnown(openedCall(request).caller, id);
  }

  @Get(':id/history')
  @Weighs(5)
  async tellHistory(
    @Param('id') id: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<HistoryPage> {
    const { identity } = await this.#requireKnown(openedCall(request).caller, id);
    const { limit, before } = parseBody(HistoryQuery, query);
    const page = await this.events.list({ subject: nameSubject(identity), limit, before });
    if (!page) throw refuse.malformed('before is no cursor of this history');
    return page;
  }

  @Post()
  @HttpCode(201)
  async create(@Body() body: unknown, @Req() request: FastifyRequest): Promise<CallerWithKey> {
    const { caller } = openedCall(request);
    const { id: name, owner: named, ...given } = parseBody(CreateCaller, body);
    if (isKeyCallerId(name))
      throw refuse.malformed(`id: "${name}" has the form of an identity: choose another name`);
    const bounds = this.#readBounds(caller, given);
    const owner = chooseOwner(caller, named) ?? '';
    const made = await this.callers.create(name, bounds, owner, caller.identity);
    if (made === undefined)
      throw new DoorRefusal('ALREADY_EXISTS', 409, `There is a caller "${name}" already`);
    return { caller: await this.#requireKnown(caller, made.identity), api_key: made.key };
  }

  @Put(':id')
  async change(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<CallerReport> {
    const { caller } = openedCall(request);
    const { identity } = await this.#requireChangeable(caller, id);
    if (identity === caller.identity)
      throw refuse.forbidden(
        `Caller "${caller.name}" may not change its own bounds: ask the admin that made it`,
      );
    const bounds = this.#readBounds(caller, parseBody(ChangeCaller, body));
    if (!(await this.callers.change(identity, bounds, caller.identity))) throw refuseUnknown(id);
    return this.#requireKnown(caller, identity);
  }

  @Post(':id/rotate')
  @HttpCode(200)
  async rotate(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<CallerWithKey> {
    const { caller } = openedCall(request);
    const { identity } = await this.#requireChangeable(caller, id);
    const { grace_seconds } = parseBody(RotateCaller, body);
    const key = await this.callers.rotate(identity, grace_seconds, caller.identity);
    if (key === undefined) throw refuseUnknown(id);
    return { caller: await this.#requireKnown(caller, identity), api_key: key };
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@Param('id') id: string, @Req() request: FastifyRequest): Promise<void> {
    const { caller } = openedCall(request);
    const { identity } = await this.#requireChangeable(caller, id);
    if (!(await this.callers.remove(identity, caller.identity))) throw refuseUnknown(id);
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
    const timeless = new Caller({ ...caller, endsAt: undefined, requestsPerMinute: undefined });
    const bounds = { ...known, expires_at: null, requests_per_minute: null };
    return (
      caller.reachesTenant(known.owner) &&
      (known.identity === caller.identity || this.#findExcess(timeless, bounds) === undefined)
    );
  }

  #readBounds(caller: Caller, given: ChangeCaller): CallerRequest {
    this.#requireNames('platforms', given.platforms, [
      ...new Set(this.catalogue.list().map(({ platform }) => platform.name)),
    ]);
    this.#requireNames('actions', given.actions, this.flags.keys);
    const bounds = {
      permissions: given.permissions,
      platforms: given.platforms ?? null,
      accounts: given.accounts ?? null,
      actions: given.actions ?? null,
      requests_per_minute: given.requests_per_minute ?? null,
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
    const bounds = readBounds(request);
    const actions = bounds.actions && this.catalogue.expandActions(bounds.actions);
    return caller.findExcess({ ...bounds, actions }, this.config.CALLER_REQUESTS_PER_MINUTE);
  }
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
