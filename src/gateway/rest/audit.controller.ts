import { Readable } from 'node:stream';
import { Controller, Get, Query, Req, Res, UseInterceptors } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../../callers/caller.js';
import { type FieldClass, listFields } from '../../actions/fields.js';
import { type ActionFilter, ActionSearch, type AuditEntry } from '../../journal/action-search.js';
import { AuditEvents, type AuditNote } from '../../journal/audit-events.js';
import { AuditInterceptor, openedCall } from '../../journal/audit.interceptor.js';
import { Requires, Weighs } from '../caller.guard.js';
import { writeCsvHead, writeCsvLine } from '../contracts/audit-table.js';
import { AuditExport, AuditQuery, EventsQuery } from '../contracts/bodies.js';
import { PageCursors } from '../page-cursors.js';
import { refuse } from '../../actions/door-refusal.js';
import { parseBody } from './body.js';

/** A search reads many rows, an export all of them. */
const SEARCH_WEIGHT = 5;
const EXPORT_WEIGHT = 50;

/** What was done, for whoever may read it: searched, listed, taken away as a file. */
@Controller('api/v1/audit')
@Requires('read_audit')
@UseInterceptors(AuditInterceptor)
export class AuditController {
  constructor(
    private readonly search: ActionSearch,
    private readonly events: AuditEvents,
    private readonly cursors: PageCursors,
  ) {}

  @Get()
  @Weighs(SEARCH_WEIGHT)
  async find(
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<{ entries: AuditEntry[]; next_cursor: string | null }> {
    const { limit, cursor, ...wish } = parseBody(AuditQuery, query);
    const list = `audit ${nameFilters(AuditQuery, wish)}`;
    const before = cursor === undefined ? undefined : this.cursors.read(cursor, list);
    const { caller } = openedCall(request);
    const found = await this.search.find(caller, readFilter(wish), { before, limit: limit + 1 });
    const entries = found.slice(0, limit);
    const last = found.length > limit ? entries.at(-1) : undefined;
    return { entries, next_cursor: last ? this.cursors.write(last.action_id, list) : null };
  }

  /** What admins did, and what happened to accounts. */
  @Get('events')
  @Weighs(SEARCH_WEIGHT)
  async listEvents(
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<{ entries: AuditNote[]; next_cursor: string | null }> {
    const { limit, cursor, ...wish } = parseBody(EventsQuery, query);
    const list = `events ${nameFilters(EventsQuery, wish)}`;
    const before = cursor === undefined ? undefined : this.cursors.read(cursor, list);
    const { caller } = openedCall(request);
    const { from, to, ...plain } = wish;
    const filter = { ...plain, ...readSpan({ from, to }) };
    const found = await this.events.find(caller, filter, { before, limit: limit + 1 });
    const entries = found.slice(0, limit);
    const last = found.length > limit ? entries.at(-1) : undefined;
    return { entries, next_cursor: last ? this.cursors.write(last.id, list) : null };
  }

  /** Read while it is sent: whoever takes it slowly, or goes away, holds nothing up. */
  @Get('export')
  @Weighs(EXPORT_WEIGHT)
  export(
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): void {
    const { format, ...wish } = parseBody(AuditExport, query);
    // What begins after the export did would never let it end.
    const filter = { ...readFilter(wish), to: readSpan(wish).to ?? new Date() };
    const lines = this.#writeLines(openedCall(request).caller, filter, format);
    const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson';
    void reply
      .header('content-disposition', `attachment; filename="audit.${format}"`)
      .header('cache-control', 'no-store')
      .type(type)
      .send(Readable.from(lines, { objectMode: false }));
  }

  async *#writeLines(
    caller: Caller,
    filter: ActionFilter,
    format: AuditExport['format'],
  ): AsyncGenerator<string> {
    if (format === 'csv') yield writeCsvHead();
    for await (const entry of this.search.walk(caller, filter))
      yield format === 'csv' ? writeCsvLine(entry) : `${JSON.stringify(entry)}\n`;
  }
}

interface Span {
  readonly from?: string;
  readonly to?: string;
}

function readFilter({ from, to, ...wish }: Omit<AuditQuery, 'limit' | 'cursor'>): ActionFilter {
  return { ...wish, ...readSpan({ from, to }) };
}

/** @throws DoorRefusal for times that are none, and for an end before its beginning */
function readSpan({ from, to }: Span): { readonly from?: Date; readonly to?: Date } {
  const span = { from: readTime('from', from), to: readTime('to', to) };
  if (span.from && span.to && span.from > span.to)
    throw refuse.malformed(`from (${from}) lies after to (${to}): nothing can be in between`);
  return span;
}

function readTime(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw refuse.malformed(`${name} (${text}) is in no calendar`);
  return at;
}

/** The question as one text, so that a cursor belongs to it. */
function nameFilters(type: FieldClass, wish: object): string {
  const given = wish as Readonly<Record<string, unknown>>;
  return JSON.stringify(listFields(type).map(({ name }) => given[name] ?? null));
}
