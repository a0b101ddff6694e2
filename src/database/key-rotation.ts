import type { Database } from './database.js';
import type { Vault } from './vault.js';

/** A column of ciphertext: whose it is, and the place that the vault has bound each value to. */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** Columns of the primary key, all text. */
  readonly key: readonly string[];
  locate(row: Readonly<Record<string, string>>): string;
}

/** What came of one column. */
export interface RotationCount {
  readonly table: string;
  readonly column: string;
  /** Encrypted with the current key now. */
  readonly rotated: number;
  /** Changed in the meantime, and so encrypted with the current key already. */
  readonly overtaken: number;
  /** Not to be opened with any key at hand; left as they are. */
  readonly unreadable: number;
  /** Still encrypted with another key. */
  readonly left: number;
}

const ROWS_AT_A_TIME = 500;

/**
 * Encrypts every value of a column with the current key, in portions and while others read and write:
 * a value is replaced only if it is still the one that was read, so that no fresh token is overwritten.
 */
export async function rotateColumn(
  database: Database,
  vault: Vault,
  sealed: SealedColumn,
  report: (line: string) => void,
): Promise<RotationCount> {
  const { table, column, key } = sealed;
  const keys = key.join(', ');
  let after: readonly string[] | undefined;
  let [rotated, overtaken, unreadable] = [0, 0, 0];
  for (;;) {
    const bounds = key.map((_name, index) => `$${index + 2}`).join(', ');
    const rows = await database.query<Record<string, string>>(
      `SELECT ${keys}, ${column} AS sealed FROM ${table}
       WHERE ${column} IS NOT NULL AND NOT starts_with(${column}, $1)
         ${after ? `AND (${keys}) > (${bounds})` : ''}
       ORDER BY ${keys} LIMIT ${ROWS_AT_A_TIME}`,
      [vault.currentPrefix, ...(after ?? [])],
    );
    const last = rows.at(-1);
    if (!last) break;
    after = key.map((name) => last[name] ?? '');
    const changes = rows.flatMap((row) => {
      const fresh = sealAnew(vault, sealed, row);
      return fresh === undefined ? [] : [{ row, fresh }];
    });
    unreadable += rows.length - changes.length;
    const changed = await replaceValues(database, sealed, changes);
    rotated += changed;
    overtaken += changes.length - changed;
    report(`${table}.${column}: ${rotated} encrypted again`);
  }
  return { table, column, rotated, overtaken, unreadable, left: await countLeft() };

  async function countLeft(): Promise<number> {
    const [row] = await database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM ${table}
       WHERE ${column} IS NOT NULL AND NOT starts_with(${column}, $1)`,
      [vault.currentPrefix],
    );
    return row?.count ?? 0;
  }
}

interface Change {
  readonly row: Readonly<Record<string, string>>;
  readonly fresh: string;
}

/** One statement per portion; a value that has changed since it was read stays as it is. */
async function replaceValues(
  database: Database,
  { table, column, key }: SealedColumn,
  changes: readonly Change[],
): Promise<number> {
  const names = [...key, 'old_value', 'new_value'];
  const lists = [
    ...key.map((name) => changes.map(({ row }) => row[name])),
    changes.map(({ row }) => row['sealed']),
    changes.map(({ fresh }) => fresh),
  ];
  const arrays = names.map((_name, index) => `$${index + 1}::text[]`).join(', ');
  const same = key.map((name) => `held.${name} = change.${name}`).join(' AND ');
  return database.change(
    `UPDATE ${table} held SET ${column} = change.new_value
     FROM unnest(${arrays}) AS change (${names.join(', ')})
     WHERE ${same} AND held.${column} = change.old_value`,
    lists,
  );
}

/** The same secret under the current key; undefined when no key at hand opens it. */
function sealAnew(vault: Vault, { locate }: SealedColumn, row: Change['row']): string | undefined {
  const place = locate(row);
  try {
    return vault.encrypt(vault.decrypt(row['sealed'] ?? '', place), place);
  } catch {
    return undefined;
  }
}
