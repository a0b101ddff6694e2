import { Choice, Integer, Text } from '../../actions/fields.js';
import { FAILURES } from '../../actions/failures.js';
import type { ActionCount, AuditEntry } from '../../journal/action-search.js';
import { AUDIT_KINDS, type AuditNote } from '../../journal/audit-events.js';
import { FAILURE, STATUS } from '../contracts/action-schemas.js';
import { STATUS_MEANINGS } from '../contracts/status-meanings.js';
import {
  defineObject,
  defineSchema,
  FREE,
  MOMENT,
  type Schema,
  TEXT,
  TIME,
  WHOLE,
  YES_NO,
} from '../door/schema.js';
import { historyEntry } from './history.js';
import { TIME_FIELD } from './time-field.js';

const PART = { min: 1, max: 500, default: 100 };
const CURSOR = { optional: true, max: 64 };

/** Which actions of the log are looked for. */
class AuditFilter {
  @Text('Received at this time or later', { optional: true, ...TIME_FIELD })
  from?: string;

  @Text('Received at this time or earlier', { optional: true, ...TIME_FIELD })
  to?: string;

  @Text('On this platform', { optional: true, max: 255 })
  platform?: string;

  @Text('Of this type', { optional: true, max: 255 })
  action_type?: string;

  @Text('In the name of this account', { optional: true, max: 255 })
  account_id?: string;

  @Text('Done by this account', { optional: true, max: 255 })
  actor_id?: string;

  @Text('Asked for by callers of this name, or by the one of this identity', {
    optional: true,
    max: 1_100,
  })
  caller_id?: string;

  @Choice('As it is now', Object.keys(STATUS_MEANINGS), { optional: true })
  status?: string;

  @Choice('That failed for this reason', Object.keys(FAILURES), { optional: true })
  failure_code?: string;

  @Text('With this request_id', { optional: true, max: 255 })
  request_id?: string;

  @Text('Whose error has this in it, in small letters or capitals', { optional: true, max: 200 })
  text?: string;

  @Choice('With this effect', ['read', 'create', 'update', 'delete'], { optional: true })
  effect?: string;
}

/** A part of what is looked for. */
export class AuditQuery extends AuditFilter {
  @Integer('Entries at most', PART)
  limit!: number;

  @Text('The next_cursor of the part before; left out, the newest part', CURSOR)
  cursor?: string;
}

/** All that is looked for, as a file. */
export class AuditExport extends AuditFilter {
  @Choice('A table, or a JSON object in each line', ['csv', 'ndjson'], { default: 'csv' })
  format!: 'csv' | 'ndjson';
}

export const BUCKET_SECONDS = { minute: 60, hour: 3_600, day: 86_400 } as const;
type Bucket = keyof typeof BUCKET_SECONDS;

/** What is counted, and how finely. */
export class AuditStatsQuery extends AuditFilter {
  @Choice('The length of a span; days begin at midnight UTC', ['minute', 'hour', 'day'], {
    default: 'hour',
  })
  bucket!: Bucket;
}

/** Counts of actions over time. */
export interface AuditStats {
  readonly from: string;
  readonly to: string;
  readonly bucket: Bucket;
  readonly counts: readonly ActionCount[];
}

const ACTION_COUNT = defineObject<ActionCount>('ActionCount', {
  at: { ...TIME, description: 'When the span begins' },
  platform: TEXT,
  status: STATUS,
  count: WHOLE,
});

export const AUDIT_STATS = defineObject<AuditStats>('AuditStats', {
  from: { ...TIME, description: 'A day before `to` where none was given' },
  to: { ...TIME, description: 'Now where none was given' },
  bucket: { type: 'string', enum: Object.keys(BUCKET_SECONDS) },
  counts: { type: 'array', items: ACTION_COUNT },
});

/** Which events are looked for. */
export class EventsQuery {
  @Text('Happened at this time or later', { optional: true, ...TIME_FIELD })
  from?: string;

  @Text('Happened at this time or earlier', { optional: true, ...TIME_FIELD })
  to?: string;

  @Choice('Of this kind', AUDIT_KINDS, { optional: true })
  kind?: string;

  @Text('Asked for by callers of this name, or by the one of this identity', {
    optional: true,
    max: 1_100,
  })
  caller_id?: string;

  @Text('About an account of this platform', { optional: true, max: 255 })
  platform?: string;

  @Text('About this account', { optional: true, max: 255 })
  account_id?: string;

  @Text('About this, such as a key of a flag', { optional: true, max: 255 })
  subject?: string;

  @Integer('Entries at most', PART)
  limit!: number;

  @Text('The next_cursor of the part before; left out, the newest part', CURSOR)
  cursor?: string;
}

/** A part of a list, and where the next part begins. */
export interface Page<Entry> {
  readonly entries: readonly Entry[];
  readonly next_cursor: string | null;
}

function definePage<Entry>(name: string, entry: Schema<Entry>): Schema<Page<Entry>> {
  return defineSchema(name, {
    type: 'object',
    required: ['entries', 'next_cursor'],
    properties: {
      entries: { type: 'array', items: entry },
      next_cursor: {
        type: ['string', 'null'],
        description: 'Send it as `cursor` for the part after this; null at the end',
      },
    },
  });
}

/** An action in the log; the columns of an export are its members in this order. */
const auditEntry = {
  action_id: { ...TEXT, format: 'uuid' },
  received_at: TIME,
  platform: TEXT,
  action_type: TEXT,
  account_id: TEXT,
  actor_id: TEXT,
  effect: { ...TEXT, description: 'read, create, update or delete' },
  status: STATUS,
  message: TEXT,
  error: TEXT,
  failure: { anyOf: [FAILURE, { type: 'null' }] },
  parameters: { ...FREE, description: 'Of what is private, the length alone' },
  result: { type: ['object', 'null'] },
  caller_id: { ...TEXT, description: 'The name of the caller, which others may have as well' },
  caller_identity: { ...TEXT, description: 'The id of the caller, which no other ever has' },
  owner: { ...TEXT, description: 'The tenant of the caller' },
  door: { ...TEXT, description: 'grpc, rest or import' },
  request_id: TEXT,
  trace_id: TEXT,
  idempotency_key: { type: ['string', 'null'] },
  batch_id: { type: ['string', 'null'] },
  priority: TEXT,
  attempts: WHOLE,
  sandbox: YES_NO,
  run_at: MOMENT,
  started_at: MOMENT,
  finished_at: MOMENT,
} as const;

const AUDIT_ENTRY = defineObject<AuditEntry>(
  'AuditEntry',
  auditEntry,
  [],
  'An action as the log has it',
);

/** The columns of an export, in their order. */
export const AUDIT_COLUMNS = Object.keys(auditEntry) as readonly (keyof AuditEntry)[];

const AUDIT_NOTE = defineObject<AuditNote>(
  'AuditNote',
  {
    ...historyEntry,
    platform: { ...TEXT, description: 'Of the account that it is about; empty for another matter' },
    account_id: TEXT,
    subject: { ...TEXT, description: 'What it is about where that is no account' },
    owner: {
      ...TEXT,
      description: 'The tenant it belongs to; empty for the operator of the gateway',
    },
  },
  [],
  'Something that happened',
);

export const AUDIT_PAGE = definePage('AuditPage', AUDIT_ENTRY);
export const AUDIT_NOTE_PAGE = definePage('AuditNotePage', AUDIT_NOTE);
