import { Readable } from 'node:stream';
import { Controller } from '@nestjs/common';
import { refuse } from '../../actions/door-refusal.js';
import { type FieldClass, listFields } from '../../actions/fields.js';
import { type ActionFilter, ActionSearch, type AuditEntry } from '../../journal/action-search.js';
import { AuditEvents, type AuditNote } from '../../journal/audit-events.js';
import { databaseClock } from '../../config/database-clock.js';
import type { Caller } from '../../callers/caller.js';
import { json, Route, type RouteRequest, typed } from '../door/route.js';
import { PageCursors } from '../page-cursors.js';
import {
  AUDIT_NOTE_PAGE,
  AUDIT_PAGE,
  AUDIT_STATS,
  AuditExport,
  AuditQuery,
  type AuditStats,
  AuditStatsQuery,
  BUCKET_SECONDS,
  EventsQuery,
  type Page,
} from './audit-schemas.js';
import { writeCsvHead, writeCsvLine } from './audit-table.js';

/** A search reads many rows, an export all of them. */
const SEARCH_WEIGHT = 5;
const EXPORT_WEIGHT = 50;
/** Spans of time in one answer. */
const MOST_BUCKETS = 1_500;
const DAY_MS = 86_400_000;

/** What was done: searched, listed, exported as a file. */
@Controller()
export class AuditController {
  constructor(
    private readonly search: ActionSearch,
    private readonly events: AuditEvents,
    private readonly cursors: PageCursors,
  ) {}

  @Route({
    method: 'GET',
    path: '/api/v1/audit',
    tag: 'Audit',
    summary: 'Look for actions in the log, the newest first',
    needs: ['read_audit'],
    weight: SEARCH_WEIGHT,
    query: AuditQuery,
    answers: { 200: json('A part of what was found', AUDIT_PAGE) },
  })
  async searchAudit({
    caller,
    query,
  }: RouteRequest<{ query: AuditQuery }>): Promise<Page<AuditEntry>> {
    const { limit, cursor, ...wanted } = query;
    const list = `audit ${nameFilters(AuditQuery, wanted)}`;
    const before = cursor === undefined ? undefined : this.cursors.read(cursor, list);
    const found = await this.search.find(caller, readFilter(wanted), { before, limit: limit + 1 });
    const entries = found.slice(0, limit);
    const last = found.length > limit ? entries.at(-1) : undefined;
    return { entries, next_cursor: last ? this.cursors.write(last.action_id, list) : null };
  }

  @Route({
    method: 'GET',
    path: '/api/v1/audit/stats',
    tag: 'Audit',
    summary: 'Count actions over time, by platform and status',
    description: `At most ${MOST_BUCKETS} spans of time. Spans in which nothing was received are left out.`,
    needs: ['read_audit'],
    weight: SEARCH_WEIGHT,
    query: AuditStatsQuery,
    answers: { 200: json('The counts, the oldest first', AUDIT_STATS) },
  })
  async countAudit({
    caller,
    query,
  }: RouteRequest<{ query: AuditStatsQuery }>): Promise<AuditStats> {
    const { bucket, ...wanted } = query;
    const filter = readFilter(wanted);
    const to = filter.to ?? new Date(databaseClock.now());
    const from = filter.from ?? new Date(to.getTime() - DAY_MS);
    const spans = (to.getTime() - from.getTime()) / (BUCKET_SECONDS[bucket] * 1_000);
    if (spans > MOST_BUCKETS)
      throw refuse.malformed(
        `from and to are ${Math.ceil(spans)} spans of a ${bucket} apart, and may be ${MOST_BUCKETS}: name a longer bucket or a shorter time`,
      );
    const counts = await this.search.count(caller, { ...filter, from, to }, BUCKET_SECONDS[bucket]);
    return { from: from.toISOString(), to: to.toISOString(), bucket, counts };
  }

  /** What admins did, and what happened to accounts. */
  @Route({
    method: 'GET',
    path: '/api/v1/audit/events',
    tag: 'Audit',
    summary: 'List what admins did and what happened to accounts, the newest first',
    needs: ['read_audit'],
    weight: SEARCH_WEIGHT,
    query: EventsQuery,
    answers: { 200: json('A part of what was found', AUDIT_NOTE_PAGE) },
  })
  async listEvents({
    caller,
    query,
  }: RouteRequest<{ query: EventsQuery }>): Promise<Page<AuditNote>> {
    const { limit, cursor, ...wanted } = query;
    const list = `events ${nameFilters(EventsQuery, wanted)}`;
    const before = cursor === undefined ? undefined : this.cursors.read(cursor, list);
    const { from, to, ...plain } = wanted;
    const filter = { ...plain, ...readSpan({ from, to }) };
    const found = await this.events.find(caller, filter, { before, limit: limit + 1 });
    const entries = found.slice(0, limit);
    const last = found.length > limit ? entries.at(-1) : undefined;
    return { entries, next_cursor: last ? this.cursors.write(last.id, list) : null };
  }

  /** The log is read while the file is sent, so that a slow reader holds nothing up. */
  @Route({
    method: 'GET',
    path: '/api/v1/audit/export',
    tag: 'Audit',
    summary: 'Take actions of the log away as a file, as many as there are',
    needs: ['read_audit'],
    weight: EXPORT_WEIGHT,
    query: AuditExport,
    answers: {
      200: typed(
        'The actions, the newest first; an answer that breaks off is not whole',
        'text/csv',
        'application/x-ndjson',
      ),
    },
  })
  exportAudit({ caller, query, reply }: RouteRequest<{ query: AuditExport }>): void {
    const { format, ...wanted } = query;
    // What begins after the export did would never let it end.
    const filter = { ...readFilter(wanted), to: readSpan(wanted).to ?? new Date() };
    const lines = this.#writeLines(caller, filter, format);
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

function readFilter({ from, to, ...wanted }: Omit<AuditQuery, 'limit' | 'cursor'>): ActionFilter {
  return { ...wanted, ...readSpan({ from, to }) };
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
function nameFilters(type: FieldClass, wanted: object): string {
  const given = wanted as Readonly<Record<string, unknown>>;
  return JSON.stringify(listFields(type).map(({ name }) => given[name] ?? null));
}
