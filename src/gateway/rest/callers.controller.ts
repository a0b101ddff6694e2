import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Put,
  Query,
  Req,
  UseInterceptors,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../actions/caller.js';
import { suggestName } from '../../actions/nearest-name.js';
import { AuditEvents, type HistoryPage } from '../../audit/audit-events.js';
import { AuditInterceptor, openedCall } from '../../audit/audit.interceptor.js';
import { Catalogue } from '../../execution/catalogue.js';
import {
  type CallerBounds,
  type CallerReport,
  Callers,
  type CallerWish,
  nameSubject,
} from '../../safeguards/callers.js';
import { Flags } from '../../safeguards/flags.js';
import { Requires, Weighs } from '../caller.guard.js';
import { ChangeCaller, CreateCaller, HistoryQuery, RotateCaller } from '../contracts/bodies.js';
import { chooseOwner, isOwn } from '../ownership.js';
import { DoorRefusal, refuse } from '../refusal.js';
import { parseBody } from './body.js';

/** A caller and its key, which is told this once. */
export interface CallerWithKey {
  readonly caller: CallerReport;
  readonly api_key: string;
}

/** Callers with keys of their own. Nobody hands on more than it has. */
@Controller('api/v1/callers')
@Requires('manage_callers')
@UseInterceptors(AuditInterceptor)
export class CallersController {
  constructor(
    private readonly callers: Callers,
    private readonly events: AuditEvents,
    private readonly flags: Flags,
    private readonly catalogue: Catalogue,
  ) {}

  @Get()
  async list(@Req() request: FastifyRequest): Promise<{ callers: CallerReport[] }> {
    const { caller } = openedCall(request);
    const all = await this.callers.list();
    return { callers: all.filter((known) => this.#isBelow(caller, known)) };
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
    await this.#requireKnown(openedCall(request).caller, id);
    const { limit, before } = parseBody(HistoryQuery, query);
    const page = await this.events.list({ subject: nameSubject(id), limit, before });
    if (!page) throw refuse.malformed('before is no cursor of this history');
    return page;
  }

  @Post()
  @HttpCode(201)
  async create(@Body() body: unknown, @Req() request: FastifyRequest): Promise<CallerWithKey> {
    const { caller } = openedCall(request);
    const { id, owner: named, ...given } = parseBody(CreateCaller, body);
    const wish = this.#readWish(caller, given);
    const owner = chooseOwner(caller, named).owner ?? '';
    const key = await this.callers.create(id, wish, owner, caller.id);
    if (key === undefined)
      throw new DoorRefusal('ALREADY_EXISTS', 409, `There is a caller "${id}" already`);
    return { caller: await this.#requireKnown(caller, id), api_key: key };
  }

  @Put(':id')
  async change(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<CallerReport> {
    const { caller } = openedCall(request);
    await this.#requireKnown(caller, id);
    const wish = this.#readWish(caller, parseBody(ChangeCaller, body));
    if (!(await this.callers.change(id, wish, caller.id))) throw refuseUnknown(id);
    return this.#requireKnown(caller, id);
  }

  @Post(':id/rotate')
  @HttpCode(200)
  async rotate(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<CallerWithKey> {
    const { caller } = openedCall(request);
    await this.#requireKnown(caller, id);
    const { grace_seconds } = parseBody(RotateCaller, body);
    const key = await this.callers.rotate(id, grace_seconds, caller.id);
    if (key === undefined) throw refuseUnknown(id);
    return { caller: await this.#requireKnown(caller, id), api_key: key };
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@Param('id') id: string, @Req() request: FastifyRequest): Promise<void> {
    const { caller } = openedCall(request);
    await this.#requireKnown(caller, id);
    if (!(await this.callers.remove(id, caller.id))) throw refuseUnknown(id);
  }

  /** Whoever may do more than the asker is none of its business: its key would be a way to get it all. */
  async #requireKnown(caller: Caller, id: string): Promise<CallerReport> {
    const known = await this.callers.find(id);
    if (!known || !this.#isBelow(caller, known)) throw refuseUnknown(id);
    return known;
  }

  #isBelow(caller: Caller, known: CallerReport): boolean {
    return isOwn(caller, known) && this.#findExcess(caller, known) === undefined;
  }

  #readWish(caller: Caller, given: ChangeCaller): CallerWish {
    this.#requireNames('platforms', given.platforms, [
      ...new Set(this.catalogue.list().map(({ platform }) => platform.name)),
    ]);
    this.#requireNames('actions', given.actions, this.flags.keys);
    const wish = {
      permissions: given.permissions,
      platforms: given.platforms ?? null,
      accounts: given.accounts ?? null,
      actions: given.actions ?? null,
      requests_per_minute: given.requests_per_minute ?? null,
      expires_at: readTimeAhead(given.expires_at),
    };
    const excess = this.#findExcess(caller, wish);
    if (excess !== undefined)
      throw refuse.forbidden(`Caller "${caller.id}" may not give more than it has: ${excess}`);
    return wish;
  }

  #requireNames(field: string, names: readonly string[] = [], known: readonly string[]): void {
    const unknown = names.find((name) => !known.includes(name));
    if (unknown === undefined) return;
    throw refuse.malformed(`${field}: there is no "${unknown}".${suggestName(unknown, known)}`);
  }

  /** What of these bounds goes beyond the asker's own; undefined when nothing does. */
  #findExcess(caller: Caller, bounds: CallerBounds): string | undefined {
    const permission = bounds.permissions.find((name) => !caller.permissions.has(name));
    if (permission !== undefined) return `the permission ${permission}`;
    const actions = bounds.actions && [...this.catalogue.expandActions(new Set(bounds.actions))];
    for (const [what, own, given] of [
      ['platforms', caller.platforms, bounds.platforms],
      ['accounts', caller.accounts, bounds.accounts],
      ['actions', caller.actions, actions],
    ] as const) {
      if (!own) continue;
      if (given === null) return `all ${what}`;
      const beyond = given.find((name) => !own.has(name));
      if (beyond !== undefined) return `${what} ${beyond}`;
    }
    const { requestsPerMinute: own } = caller;
    const isMore = own !== undefined && (bounds.requests_per_minute ?? Infinity) > own;
    return isMore ? `more than ${own} requests in a minute` : undefined;
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
  if (at <= Date.now()) throw refuse.malformed('expires_at lies in the past');
  return new Date(at).toISOString();
}
