import type { AuditEntry } from '../../audit/action-search.js';

/** The columns of an export, in their order. */
const COLUMNS: readonly (keyof AuditEntry)[] = [
  'action_id',
  'received_at',
  'platform',
  'action_type',
  'account_id',
  'actor_id',
  'effect',
  'status',
  'message',
  'error',
  'failure',
  'parameters',
  'result',
  'caller_id',
  'caller_identity',
  'owner',
  'door',
  'request_id',
  'trace_id',
  'idempotency_key',
  'batch_id',
  'priority',
  'attempts',
  'sandbox',
  'run_at',
  'started_at',
  'finished_at',
];

/** The first line of a table. */
export function writeCsvHead(): string {
  return `${COLUMNS.join(',')}\r\n`;
}

/** One line of a table, as RFC 4180 has it. */
export function writeCsvLine(entry: AuditEntry): string {
  return `${COLUMNS.map((name) => writeCell(entry[name])).join(',')}\r\n`;
}

/** A cell; spreadsheets run what begins like a formula, and callers choose what stands here. */
function writeCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
