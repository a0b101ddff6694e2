import { setTimeout as sleep } from 'node:timers/promises';
import { PERMISSIONS } from '../actions/caller.js';
import { findGateway, type GatewayOptions } from './find-gateway.js';
import { RestError } from './rest-connection.js';

/** Options that every command has. */
export interface CommonOptions extends GatewayOptions {
  /** Print JSON in place of a table. */
  readonly json?: boolean;
}

type Row = Readonly<Record<string, unknown>>;

interface AccountPage {
  readonly accounts: readonly Row[];
  readonly next_cursor: string;
}

const RECONNECT_MS = 1_000;

/** Lists the actions, or shows those that an answer names. @throws UsageError, RestError */
export async function showCatalogue(
  platform: string | undefined,
  action: string | undefined,
  options: CommonOptions,
): Promise<void> {
  const gateway = await findGateway(options, ['execute_actions']);
  const path = [platform, action].flatMap((name) => (name ? [encodeURIComponent(name)] : []));
  const view = action === undefined ? '?view=summary' : '';
  const answer = await gateway.request('GET', ['/api/v1/catalog', ...path].join('/') + view);
  const { actions } = answer as { readonly actions?: readonly Row[] };
  // One action is shown whole: its schemas are what a reader wants.
  if (action !== undefined || !actions) return printJson(answer);
  print(answer, actions, ['platform', 'action_type', 'effect', 'group', 'summary'], options);
}

/** Lists the accounts that the caller reaches. @throws UsageError, RestError */
export async function listAccounts(options: CommonOptions): Promise<void> {
  const gateway = await findGateway(options, ['manage_accounts']);
  const accounts: Row[] = [];
  let cursor = '';
  do {
    const query = cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    const page = (await gateway.request('GET', `/api/v1/accounts${query}`)) as AccountPage;
    accounts.push(...page.accounts);
    cursor = page.next_cursor;
  } while (cursor !== '');
  print({ accounts }, accounts, ['platform', 'account_id', 'login', 'state', 'reason'], options);
}

/** Prints the address that a person opens to connect an account. @throws UsageError, RestError */
export async function connectAccount(
  platform: string,
  {
    account,
    group,
    ...options
  }: CommonOptions & { readonly account?: string; readonly group?: string },
): Promise<void> {
  const gateway = await findGateway(options, ['manage_accounts']);
  const path = `/api/v1/oauth/${encodeURIComponent(platform)}/authorize`;
  const answer = await gateway.request('POST', path, { account_id: account, group });
  const { authorization_url: address } = answer as { readonly authorization_url: string };
  if (options.json) return printJson(answer);
  process.stdout.write(`Open this address in a browser:\n${address}\n`);
}

/** Prints every change of actions until the process ends, and goes on after a cut. @throws UsageError, RestError */
export async function watchActions({
  platform,
  account,
  status,
  count = Infinity,
  ...options
}: CommonOptions & {
  readonly platform?: string;
  readonly account?: string;
  readonly status?: readonly string[];
  /** Ends after so many changes. */
  readonly count?: number;
}): Promise<void> {
  const query = new URLSearchParams();
  if (platform !== undefined) query.set('platform', platform);
  if (account !== undefined) query.set('account_id', account);
  for (const one of status ?? []) query.append('status', one);
  const path = `/api/v1/actions/stream?${query}`;
  let lastId = '';
  for (let left = count; left > 0;) {
    // A signed token lasts a minute, so that each connection has a new one.
    const gateway = await findGateway(options, ['execute_actions', 'read_audit']);
    try {
      for await (const { id, event, data } of gateway.events(path, lastId)) {
        lastId = id ?? lastId;
        if (event !== 'action') continue;
        printChange(JSON.parse(data) as Row, options);
        left -= 1;
        if (left <= 0) return;
      }
    } catch (error) {
      const isRefused = error instanceof RestError && (error.status ?? 503) < 500;
      if (isRefused || lastId === '') throw error;
    }
    await sleep(RECONNECT_MS);
  }
}

/** Lists the callers with keys of their own. @throws UsageError, RestError */
export async function listKeys(options: CommonOptions): Promise<void> {
  const gateway = await findGateway(options, PERMISSIONS);
  const answer = await gateway.request('GET', '/api/v1/callers');
  const { callers } = answer as { readonly callers: readonly Row[] };
  print(answer, callers, ['id', 'owner', 'permissions', 'actions', 'expires_at'], options);
}

/** Creates a caller and prints its key, which is shown once. @throws UsageError, RestError */
export async function createKey(
  id: string,
  {
    permission = ['execute_actions'],
    action,
    expires,
    ...options
  }: CommonOptions & {
    readonly permission?: readonly string[];
    readonly action?: readonly string[];
    readonly expires?: string;
  },
): Promise<void> {
  const gateway = await findGateway(options, PERMISSIONS);
  const caller = { id, permissions: permission, actions: action, expires_at: expires };
  printKey(await gateway.request('POST', '/api/v1/callers', caller), options);
}

/** Issues another key in place of one. @throws UsageError, RestError */
export async function rotateKey(
  id: string,
  { grace, ...options }: CommonOptions & { readonly grace?: number },
): Promise<void> {
  const gateway = await findGateway(options, PERMISSIONS);
  const path = `/api/v1/callers/${encodeURIComponent(id)}/rotate`;
  const wish = grace === undefined ? {} : { grace_seconds: grace };
  printKey(await gateway.request('POST', path, wish), options);
}

/** Revokes a caller, its keys and its tokens. @throws UsageError, RestError */
export async function revokeKey(id: string, options: CommonOptions): Promise<void> {
  const gateway = await findGateway(options, PERMISSIONS);
  const answer = await gateway.request('DELETE', `/api/v1/callers/${encodeURIComponent(id)}`);
  if (options.json) printJson(answer);
  else process.stdout.write(`${id} is revoked\n`);
}

function printKey(answer: unknown, { json }: CommonOptions): void {
  const { api_key: key } = answer as { readonly api_key: string };
  if (json) printJson(answer);
  else process.stdout.write(`${key}\n`);
}

function printChange(change: Row, { json }: CommonOptions): void {
  const { received_at, status, platform, action_type, account_id, error } = change;
  const told = [
    received_at,
    status,
    `${String(platform)}.${String(action_type)}`,
    account_id,
    error,
  ];
  process.stdout.write(`${json ? JSON.stringify(change) : told.filter(Boolean).join('  ')}\n`);
}

/** Prints an answer as JSON, or its rows as a table. */
function print(
  answer: unknown,
  rows: readonly Row[],
  columns: readonly string[],
  { json }: CommonOptions,
): void {
  if (json) return printJson(answer);
  const cells = [columns, ...rows.map((row) => columns.map((column) => showCell(row[column])))];
  const widths = columns.map((_, index) =>
    Math.max(...cells.map((line) => line[index]?.length ?? 0)),
  );
  for (const line of cells) {
    const padded = line.map((cell, index) => cell.padEnd(widths[index] ?? 0));
    process.stdout.write(`${padded.join('  ').trimEnd()}\n`);
  }
}

function showCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  return Array.isArray(value) ? value.join(',') : String(value);
}

function printJson(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
}
