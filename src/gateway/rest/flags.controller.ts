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
import type { Caller } from '../../actions/caller.js';
import { suggestName } from '../../actions/nearest-name.js';
import { AuditEvents, type HistoryPage } from '../../audit/audit-events.js';
import { AuditInterceptor, openedCall } from '../../audit/audit.interceptor.js';
import { FLAG_KEY_FORM, type FlagKey, readFlagKey } from '../../safeguards/flag-key.js';
import { type FlagReport, Flags } from '../../safeguards/flags.js';
import { Requires, Weighs } from '../caller.guard.js';
import { HistoryQuery, SetFlag, UnsetFlag } from '../contracts/bodies.js';
import { refuse } from '../refusal.js';
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
  ) {}

  @Get()
  list(@Req() request: FastifyRequest): { flags: FlagReport[] } {
    const { caller } = openedCall(request);
    return {
      flags: this.flags.list().filter(({ key }) => {
        const read = readFlagKey(key);
        return read !== undefined && mayRead(caller, read);
      }),
    };
  }

  @Get(':key')
  show(@Param('key') key: string, @Req() request: FastifyRequest): FlagReport {
    this.#requireReadable(openedCall(request).caller, key);
    return this.flags.report(key);
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
    await this.flags.set(key, parseBody(SetFlag, body), caller.id);
    return this.flags.report(key);
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
    await this.flags.unset(key, reason, caller.id);
    return this.flags.report(key);
  }

  #requireReadable(caller: Caller, key: string): void {
    if (!mayRead(caller, this.#requireKnown(key)))
      throw refuse.forbidden(`Caller "${caller.id}" may not see the flag ${key}`);
  }

  #requireWritable(caller: Caller, key: string): void {
    if (!mayWrite(caller, this.#requireKnown(key)))
      throw refuse.forbidden(`Caller "${caller.id}" may not switch the flag ${key}`);
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

/** A narrowed token sees what concerns everybody on its platforms, and its own accounts. */
function mayRead(caller: Caller, { platform, scope }: FlagKey): boolean {
  if (caller.platforms && !caller.platforms.has(platform)) return false;
  if (!caller.accounts || scope === undefined) return true;
  return scope.kind === 'account' ? caller.accounts.has(scope.id) : scope.id === caller.id;
}

/** What it switches must not concern others. */
function mayWrite(caller: Caller, key: FlagKey): boolean {
  if (!caller.accounts) return mayRead(caller, key);
  return key.scope?.kind === 'account' && mayRead(caller, key);
}
