import { v7 as makeId } from 'uuid';
import type { JsonObject } from '../actions/json.js';
import { toJson } from './json-text.js';

/** What can happen that is written down: to an account, or by an admin. */
export const AUDIT_KINDS = [
  'account.connected',
  'account.stored',
  'account.imported',
  'account.reconnect_needed',
  'account.recovered',
  'account.removed',
  'account.revoked',
  'flag.changed',
  'caller.created',
  'caller.changed',
  'caller.rotated',
  'caller.removed',
  'token.issued',
  'invitation.created',
  'invitation.revoked',
  'sandbox.changed',
  'callback.replayed',
  'callback.tested',
  'action.cancelled',
  'action.replayed',
  'action.moved',
  'line.paused',
  'line.resumed',
  'session.opened',
  'session.ended',
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** Something that happened, for the history of what it happened to. */
export interface AuditEvent {
  readonly kind: AuditKind;
  /** Who asked for it, as their credential says; empty for the gateway itself. */
  readonly callerId: string;
  /** The account that it is about, if it is about one. */
  readonly platform?: string;
  readonly accountId?: string;
  /** What it is about where that is no account, such as the key of a flag. */
  readonly subject?: string;
  /** The tenant it belongs to, where its account does not say so already. */
  readonly owner?: string;
  /** Why, for people. */
  readonly reason?: string;
  /** Further details; never a secret. */
  readonly details?: JsonObject;
}

/** The gateway itself, if no caller asked. */
export const GATEWAY = '';

const COLUMNS = 'id, kind, caller_id, platform, account_id, subject, reason, details, owner';
/** The same of `event`; an account's event belongs to whom the account belonged to before the statement. */
const VALUES = COLUMNS.replaceAll(/\w+/g, 'event.$&').replace(
  'event.owner',
  `COALESCE((SELECT account.owner FROM accounts account
    WHERE account.platform = event.platform AND account.account_id = event.account_id), event.owner)`,
);

/** Writes an event by itself; its one parameter is `describeEvent`. */
export const INSERT_EVENT = `INSERT INTO audit_events (${COLUMNS})
  SELECT ${VALUES} FROM json_populate_record(NULL::audit_events, $1) event`;

/**
 * Writes an event in the statement that makes it true: once for each row that the part `changed` of it
 * returned, so never for a change that did not come about.
 * @param parameter where `describeEvent` stands among the parameters, such as `$4`; or an expression of
 *   that and of a row's columns
 */
export function noteEvent(changed: string, parameter: string): string {
  return `INSERT INTO audit_events (${COLUMNS})
    SELECT ${VALUES}
    FROM ${changed}, json_populate_record(NULL::audit_events, ${parameter}) event`;
}

/** An event as the one parameter of a statement. */
export function describeEvent({
  kind,
  callerId,
  platform = '',
  accountId = '',
  subject = '',
  owner = '',
  reason = '',
  details = {},
}: AuditEvent): string {
  return toJson({
    id: makeId(),
    kind,
    caller_id: callerId,
    platform,
    account_id: accountId,
    subject,
    owner,
    reason,
    details,
  });
}
