import { createHash } from 'node:crypto';

/** A row of the earlier service's table, as JSON. */
type ForeignRow = Readonly<Record<string, unknown>>;

/** Runs a statement inside of the transaction that the import has opened. */
type Run = <Row extends object>(
  text: string,
  values: readonly unknown[],
) => Promise<readonly Row[]>;

/** The table in which the earlier Discord service noted what it did. */
export const HISTORY_TABLE = 'discord_actions';

/** What of a request says where and on whom, and holds no text that a person wrote. */
const KEPT = ['guild_id', 'channel_id', 'user_id', 'message_id', 'role_id', 'webhook_id', 'action'];
const DELETES = new Set(['delete_message', 'kick_user', 'manage_role_remove']);
const UPDATES = new Set(['edit_message', 'ban_user', 'timeout_user', 'manage_role_add']);
/** A yes as the versions of the earlier service and its databases wrote it. */
const YES = new Set(['true', 't', '1', 'y', 'yes', 'on']);
const LONGEST_ERROR = 500;

/**
 * Takes one row of the history into the action log. Its id comes from the row it was and from when it
 * happened, so that a repeat adds nothing.
 * @returns why it was left out, or undefined when it was taken
 */
export async function importHistory(
  run: Run,
  row: ForeignRow,
  { account, at }: { account: string; at: string | null },
): Promise<string | undefined> {
  const kind = typeof row['action_type'] === 'string' ? row['action_type'] : '';
  if (kind === '') return 'it names no action type';
  if (at === null) return 'it says not when it happened';
  const succeeded = YES.has(String(row['success']).trim().toLowerCase());
  const written = await run(
    `INSERT INTO actions (id, platform, action_type, account_id, actor_id, effect, status, message, error,
       parameters, result, caller_id, door, attempts, sandbox, received_at, started_at, finished_at)
     VALUES ($1, 'discord', $2, $3, $3, $4, $5, $6, $7, $8, $9, 'import', 'import', 1, false, $10, $10, $10)
     ON CONFLICT (id) DO NOTHING
     RETURNING id`,
    [
      deriveId(row['id'], at),
      kind.startsWith('manage_role_') ? 'manage_role' : kind,
      account,
      describeEffect(kind),
      succeeded ? 'SUCCEEDED' : 'FAILED',
      `Taken over from ${HISTORY_TABLE}`,
      succeeded ? '' : blotOut(row['error_message']),
      JSON.stringify(keepIds(kind, row)),
      JSON.stringify(keepResult(readObject(row['response_data']))),
      at,
    ],
  );
  return written.length > 0 ? undefined : 'it was taken over before';
}

/** A UUIDv7 of the moment; what is random in others is the table and the row here. */
export function deriveId(rowId: unknown, at: string): string {
  const moment = Math.max(0, new Date(at).getTime()).toString(16).padStart(12, '0').slice(-12);
  const rest = createHash('sha256')
    .update(`${HISTORY_TABLE}/${String(rowId)}`)
    .digest('hex');
  const variant = '89ab'[Number.parseInt(rest.slice(3, 4), 16) % 4];
  return [
    moment.slice(0, 8),
    moment.slice(8),
    `7${rest.slice(0, 3)}`,
    `${variant}${rest.slice(4, 7)}`,
    rest.slice(7, 19),
  ].join('-');
}

function describeEffect(kind: string): string {
  if (DELETES.has(kind)) return 'delete';
  return UPDATES.has(kind) ? 'update' : 'create';
}

/** Ids alone: contents, reasons and addresses stay where they are. */
function keepIds(kind: string, row: ForeignRow): Record<string, string> {
  const request = readObject(row['request_data']);
  const action = /^manage_role_(add|remove)$/.exec(kind)?.[1];
  return {
    ...pickIds(request),
    ...pickIds({
      guild_id: row['guild_id'],
      channel_id: row['channel_id'],
      user_id: row['user_id'],
      action,
    }),
  };
}

/** `id` is a message's or a webhook's; the token and the address beside it are secrets. */
function keepResult(response: ForeignRow): Record<string, string> {
  return pickIds({ ...response, message_id: response['message_id'] ?? response['id'] });
}

function pickIds(values: ForeignRow): Record<string, string> {
  const entries = KEPT.flatMap((name) => {
    const value = values[name];
    const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
    return /^[A-Za-z0-9_-]{1,32}$/.test(text) ? [[name, text] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** Error lines of the earlier service may quote an address, and a webhook's address is its secret. */
function blotOut(error: unknown): string {
  const text = typeof error === 'string' ? error.replaceAll('\0', '') : '';
  return text
    .replaceAll(/https?:\/\/\S+/gi, '[address]')
    .replaceAll(/webhooks\/\d+\/[\w-]+/gi, 'webhooks/[redacted]')
    .slice(0, LONGEST_ERROR);
}

/** JSON columns hold an object, or its text. */
function readObject(value: unknown): ForeignRow {
  try {
    const read: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    return typeof read === 'object' && read !== null && !Array.isArray(read)
      ? (read as ForeignRow)
      : {};
  } catch {
    return {};
  }
}
