import { stringify } from 'csv-stringify/sync';
import type { AuditEntry } from '../../journal/action-search.js';
import { AUDIT_COLUMNS } from './audit-schemas.js';

/** The first line of a table. */
export function writeCsvHead(): string {
  return writeLine([...AUDIT_COLUMNS]);
}

/** One line of a table, as RFC 4180 has it. */
export function writeCsvLine(entry: AuditEntry): string {
  return writeLine(AUDIT_COLUMNS.map((name) => writeCell(entry[name])));
}

function writeLine(cells: string[]): string {
  return stringify([cells], { record_delimiter: 'windows', quoted_match: NEEDS_QUOTES });
}

/** Line breaks of any kind, and signs at which some programs split in place of the comma. */
const NEEDS_QUOTES = /[;\t|\r\n]/;
/** What programs take for a formula at the beginning of a cell, also behind signs that they skip. */
const FORMULA_AT_START = /^(?:[\t\r\n]|[\s\p{C}"]*[=+\-@＝＋－＠])/u;
/** The same after a separator at which some programs split a cell even inside of quotes. */
const FORMULA_INSIDE = /([;|\t\r\n][\s\p{C}'"]*)(?=[=+\-@＝＋－＠])/gu;

/**
 * A cell that no spreadsheet runs as a formula: callers and platforms choose what stands here. An
 * apostrophe stands before each sign that would begin one; the export as lines of JSON has none.
 */
function writeCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const inside = text.replaceAll(FORMULA_INSIDE, "$1'");
  return FORMULA_AT_START.test(text) ? `'${inside}` : inside;
}
