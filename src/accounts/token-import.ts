import { cleanToken, isToken } from '../actions/fields.js';
import { describeEvent, GATEWAY, INSERT_EVENT, noteEvent } from '../database/audit-event.js';
import type { Vault } from '../database/vault.js';
import { placeOf } from './stored-tokens.js';

/** A row of another service's table as JSON, with the columns of that service's version. */
export type ForeignRow = Readonly<Record<string, unknown>>;

/** Runs a statement inside of the transaction that the import has opened. */
export type Run = <Row extends object>(
  text: string,
  values: readonly unknown[],
) => Promise<readonly Row[]>;

/** An account as an earlier service kept it, in our words. */
interface ForeignAccount {
  readonly platform: string;
  readonly accountId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
  readonly refreshedAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A table of tokens that an earlier service kept. */
export interface TokenTable {
  readonly name: string;
  readonly platform: string;
  readonly idColumn: string;
}

export const TOKEN_TABLES: readonly TokenTable[] = [
  { name: 'youtube_oauth_tokens', platform: 'youtube', idColumn: 'channel_id' },
  { name: 'twitch_action_tokens', platform: 'twitch', idColumn: 'broadcaster_id' },
];

/** Older than anything we could hold: a row without a time never replaces one of ours. */
const LONG_AGO = '1970-01-01T00:00:00Z';
const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * Takes one row of tokens over, encrypted, unless ours is as new or newer. The account is unverified, and
 * its scopes a claim, until the platform has said otherwise.
 * @returns why it was left out, or undefined when it was taken
 */
export async function importTokens(
  run: Run,
  vault: Vault,
  table: TokenTable,
  row: ForeignRow,
): Promise<string | undefined> {
  const account = readAccount(table, row);
  if (typeof account === 'string') return account;
  const { platform, accountId, clientId, clientSecret } = account;
  const seal = (text: string, column: string): string | null =>
    text === '' ? null : vault.encrypt(text, placeOf(platform, accountId, column));
  const hasClient = clientId !== '' && clientSecret !== '';
  const written = await run(
    `WITH taken AS (
       INSERT INTO accounts (platform, account_id, access_token, refresh_token, scopes, expires_at,
         client_id, client_secret, refreshed_at, created_at, updated_at, unverified_version, scopes_claimed)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, true)
       ON CONFLICT (platform, account_id) DO UPDATE SET
         access_token = excluded.access_token, refresh_token = excluded.refresh_token,
         scopes = excluded.scopes, expires_at = excluded.expires_at, client_id = excluded.client_id,
         client_secret = excluded.client_secret, refreshed_at = excluded.refreshed_at,
         updated_at = excluded.updated_at, reconnect_reason = NULL, validated_at = NULL, credential_ref = NULL,
         refresh_holder = NULL, refresh_until = NULL, refresh_attempts = 0,
         unverified_version = accounts.version + 1, scopes_claimed = true, verify_at = NULL,
         version = accounts.version + 1
       WHERE accounts.updated_at < excluded.updated_at
       RETURNING account_id
     ), noted AS (${noteEvent('taken', '$12')})
     SELECT account_id FROM taken`,
    [
      platform,
      accountId,
      seal(account.accessToken, 'access_token'),
      seal(account.refreshToken, 'refresh_token'),
      account.scopes,
      account.expiresAt,
      hasClient ? clientId : null,
      hasClient ? seal(clientSecret, 'client_secret') : null,
      account.refreshedAt,
      account.createdAt,
      account.updatedAt,
      describeEvent({
        kind: 'account.imported',
        callerId: GATEWAY,
        platform,
        accountId,
        details: { from: table.name, ...(hasClient && { client_id: clientId }) },
      }),
    ],
  );
  return written.length > 0 ? undefined : 'ours is as new or newer';
}

/** Notes how many accounts of a table were taken over, in the transaction that took them. */
export async function noteImport(run: Run, table: TokenTable, count: number): Promise<void> {
  const { platform, name } = table;
  const event = { kind: 'account.imported', callerId: GATEWAY, platform, accountId: '' } as const;
  await run(INSERT_EVENT, [describeEvent({ ...event, details: { from: name, count } })]);
}

/** The token of a row, for asking the platform about it; undefined for a row that would be left out. */
export function readForeignToken(
  table: TokenTable,
  row: ForeignRow,
): { accountId: string; accessToken: string; isRenewable: boolean } | undefined {
  const account = readAccount(table, row);
  if (typeof account === 'string') return undefined;
  const { accountId, accessToken, refreshToken } = account;
  return { accountId, accessToken, isRenewable: refreshToken !== '' };
}

/** A row in our words, or why it is none. */
function readAccount({ platform, idColumn }: TokenTable, row: ForeignRow): ForeignAccount | string {
  const accountId = readText(row[idColumn]);
  const accessToken = cleanToken(readText(row['access_token']));
  const refreshToken = cleanToken(readText(row['refresh_token']));
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(accountId)) return `its ${idColumn} is no id`;
  if (accessToken === '') return 'it has no access token';
  if (![accessToken, refreshToken || accessToken].every(isToken)) return 'a token of it is none';
  const createdAt = readTime(row['created_at']);
  const refreshedAt = readTime(row['last_refreshed']);
  const updatedAt = readTime(row['updated_at']) ?? refreshedAt ?? createdAt ?? LONG_AGO;
  return {
    platform,
    accountId,
    accessToken,
    refreshToken,
    clientId: readText(row['client_id']),
    clientSecret: readText(row['client_secret']),
    scopes: readList(row['scopes']),
    expiresAt: readTime(row['expires_at']),
    refreshedAt,
    createdAt: createdAt ?? updatedAt,
    updatedAt,
  };
}

function readText(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

/** A list as an array, as `|a|b|`, as JSON, as `{a,b}` of PostgreSQL, or as a text with spaces or commas. */
export function readList(value: unknown): string[] {
  const text = readText(value);
  const inner = /^\[.*\]$|^\{.*\}$/s.test(text) ? text.slice(1, -1).replaceAll('"', ' ') : text;
  const items = Array.isArray(value) ? value.map(String) : inner.split(/[|,\s]+/);
  return [...new Set(items.map((item) => item.trim()).filter((item) => item !== ''))];
}

/** A time with its zone; one that names none was written in UTC. */
export function readTime(value: unknown): string | null {
  const [, day, time, zone = 'Z'] = TIME.exec(readText(value)) ?? [];
  const text = `${day}T${time}${zone.length === 3 ? `${zone}:00` : zone}`;
  return Number.isNaN(Date.parse(text)) ? null : text;
}
