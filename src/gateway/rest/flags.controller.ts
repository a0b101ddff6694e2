import {
  Body,
  Controller,
  Delete,
  Get,
  Param,
  Put,
  Query,
  Req,
  UseInterceptors,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ActionNames } from '../../callers/action-names.js';
import { Callers } from '../../callers/callers.js';
import type { Caller } from '../../callers/caller.js';
import { suggestName } from '../../actions/nearest-name.js';
import { AuditEvents, type HistoryPage } from '../../journal/audit-events.js';
import { AuditInterceptor, openedCall } from '../../journal/audit.interceptor.js';
import { FLAG_KEY_FORM, type FlagKey, readFlagKey } from '../../safeguards/flag-key.js';
import { type FlagReport, Flags } from '../../safeguards/flags.js';
import { Requires, Weighs } from '../caller.guard.js';
import { HistoryQuery, SetFlag, UnsetFlag } from '../contracts/bodies.js';
import { refuse } from '../../actions/door-refusal.js';
import { parseBody } from './body.js';

/**
 * Switches actions on and off, on every replica at once. No flag stands before this or any other door
 * of the admins, so that nobody can lock everybody out.
 */
@Controller('api/v1/flags')
@Requires('manage_flags')
@UseInterceptors(AuditInterceptor)
export class FlagsController {
  constructor(
    private readonly flags: Flags,
    private readonly events: AuditEvents,
    private readonly names: ActionNames,
    private readonly callers: Callers,
  ) {}

  @Get()
  list(@Req() request: FastifyRequest): { flags: FlagReport[] } {
    const { caller } = openedCall(request);
    return {
      flags: this.flags
        .list()
        .filter(({ key }) => {
          const read = readFlagKey(key);
          return read !== undefined && this.#mayRead(caller, read);
        })
        .map((report) => this.#show(report)),
    };
  }

  @Get(':key')
  show(@Param('key') key: string, @Req() request: FastifyRequest): FlagReport {
    this.#requireReadable(openedCall(request).caller, key);
    return this.#show(this.flags.report(key));
  }

  @Get(':key/history')
  @Weighs(5)
  async tellHistory(
    @Param('key') key: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<HistoryPage> {
    this.#requireReadable(openedCall(request).caller, key);
    const { limit, before } = parseBody(HistoryQuery, query);
    const page = await this.events.list({ subject: key, limit, before });
    if (!page) throw refuse.malformed('before is no cursor of this history');
    return page;
  }

  @Put(':key')
  async set(
    @Param('key') key: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<FlagReport> {
    const { caller } = openedCall(request);
    this.#requireWritable(caller, key);
    await this.flags.set(key, parseBody(SetFlag, body), caller.identity);
    return this.#show(this.flags.report(key));
  }

  /** Back to the default, be it the one of a flag that nothing listens to any more. */
  @Delete(':key')
  async unset(
    @Param('key') key: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<FlagReport> {
    const { caller } = openedCall(request);
    this.#requireWritable(caller, key);
    const { reason = '' } = parseBody(UnsetFlag, query);
    await this.flags.unset(key, reason, caller.identity);
    return this.#show(this.flags.report(key));
  }

  /** People know the caller that set a flag by its name. */
  #show(report: FlagReport): FlagReport {
    return { ...report, changed_by: this.callers.nameOf(report.changed_by) };
  }

  /** A narrowed caller sees what concerns all accounts on its platforms, its own accounts and itself. */
  #mayRead(caller: Caller, { name, platform, scope }: FlagKey): boolean {
    const { actions } = caller;
    const switched = this.names.expandActions(new Set([name]));
    if (actions && ![...switched].some((action) => actions.has(action))) return false;
    if (scope?.kind === 'account') return caller.reachesAccount({ platform, accountId: scope.id });
    const isOfOther = scope !== undefined && scope.id !== caller.identity;
    return caller.reachesAccount({ platform }) && !(caller.accounts && isOfOther);
  }

  /** It switches nothing that concerns an account or an action outside of its bounds. */
  #mayWrite(caller: Caller, key: FlagKey): boolean {
    const { accounts, actions } = caller;
    const switched = this.names.expandActions(new Set([key.name]));
    if (actions && ![...switched].every((action) => actions.has(action))) return false;
    if (accounts && key.scope?.kind !== 'account') return false;
    return this.#mayRead(caller, key);
  }

  #requireReadable(caller: Caller, key: string): void {
    if (!this.#mayRead(caller, this.#requireKnown(key)))
      throw refuse.forbidden(`Caller "${caller.name}" may not see the flag ${key}`);
  }

  #requireWritable(caller: Caller, key: string): void {
    if (!this.#mayWrite(caller, this.#requireKnown(key)))
      throw refuse.forbidden(`Caller "${caller.name}" may not switch the flag ${key}`);
  }

  /** @throws DoorRefusal with the nearest name for a key that switches nothing */
  #requireKnown(key: string): FlagKey {
    const read = readFlagKey(key);
    if (!read) throw refuse.malformed(`"${key}" is no key of a flag: write ${FLAG_KEY_FORM}`);
    const { keys } = this.flags;
    if (keys.includes(read.name) || this.flags.isSet(key)) return read;
    throw refuse.malformed(
      `There is no flag "${read.name}".${suggestName(read.name, keys) || ` A key is ${FLAG_KEY_FORM}`}`,
    );
  }
}
