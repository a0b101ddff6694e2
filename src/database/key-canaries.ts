import type { QueryRunner } from 'typeorm';
import { StartFault } from '../config/start-fault.js';
import type { SealedColumn } from './key-rotation.js';
import type { PooledDataSource } from './pooled-data-source.js';
import type { Vault } from './vault.js';

const TEXT = 'canary';
const RESTORE = 'put the key back into TOKEN_ENCRYPTION_KEYS, as it was';

/**
 * Sees that the vault has every key that values in the database are encrypted with. Each key that was ever
 * the first of a gateway has a canary: a known text, encrypted with it. A database of an earlier release
 * has none yet, and is judged by its values.
 * @param columns every column of ciphertext
 * @throws StartFault naming the key that is missing or another than it was
 */
export async function requireKeys(
  dataSource: PooledDataSource,
  vault: Vault,
  columns: readonly SealedColumn[],
): Promise<void> {
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    // Replicas that start at once, some with another key, are judged one after the other.
    await runner.query('LOCK TABLE key_canaries IN SHARE ROW EXCLUSIVE MODE');
    const canaries = await readCanaries(runner);
    if (canaries.length === 0) await judgeValues(runner, vault, columns);
    for (const { key_id, sealed } of canaries) {
      if (opens(vault, sealed, placeOfCanary(key_id))) continue;
      throw new StartFault(
        vault.hasKey(key_id)
          ? `TOKEN_ENCRYPTION_KEYS: the key "${key_id}" is not the one that this database was encrypted with: ${RESTORE}`
          : `TOKEN_ENCRYPTION_KEYS: the key "${key_id}", which values of this database are encrypted with, is missing: ${RESTORE}; or, if it is lost for good, run "npm run keys:rotate -- --forget ${key_id}" and connect the accounts again`,
      );
    }
    await runner.query(
      'INSERT INTO key_canaries (key_id, sealed) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [vault.currentId, vault.encrypt(TEXT, placeOfCanary(vault.currentId))],
    );
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.release();
  }
}

/** Drops the canaries of all keys but the current one, once nothing is encrypted with those any more. */
export async function keepCurrentCanary(dataSource: PooledDataSource, vault: Vault): Promise<void> {
  await dataSource.query('DELETE FROM key_canaries WHERE key_id <> $1', [vault.currentId]);
  await dataSource.query(
    `INSERT INTO key_canaries (key_id, sealed) VALUES ($1, $2)
     ON CONFLICT (key_id) DO UPDATE SET sealed = excluded.sealed`,
    [vault.currentId, vault.encrypt(TEXT, placeOfCanary(vault.currentId))],
  );
}

/** Goes on without a key that is lost for good. @returns whether it was known */
export async function forgetKey(dataSource: PooledDataSource, keyId: string): Promise<boolean> {
  const rows = await dataSource.query<unknown[]>(
    'WITH gone AS (DELETE FROM key_canaries WHERE key_id = $1 RETURNING 1) SELECT * FROM gone',
    [keyId],
  );
  return rows.length > 0;
}

function readCanaries(runner: QueryRunner): Promise<{ key_id: string; sealed: string }[]> {
  return runner.query('SELECT key_id, sealed FROM key_canaries ORDER BY key_id') as Promise<
    { key_id: string; sealed: string }[]
  >;
}

/**
 * Judges keys by values that are there already: one for each key and column. A single damaged value says
 * nothing; that none can be opened says that the keys are wrong.
 * @throws StartFault when no value can be opened
 */
async function judgeValues(
  runner: QueryRunner,
  vault: Vault,
  columns: readonly SealedColumn[],
): Promise<void> {
  const unknown = new Set<string>();
  for (const { table, column, key, locate } of columns) {
    const rows = (await runner.query(
      `SELECT DISTINCT ON (split_part(${column}, '.', 2)) ${key.join(', ')}, ${column} AS sealed
       FROM ${table} WHERE ${column} IS NOT NULL ORDER BY split_part(${column}, '.', 2)`,
    )) as Record<string, string>[];
    for (const row of rows) {
      const { sealed = '' } = row;
      if (opens(vault, sealed, locate(row))) return;
      unknown.add(sealed.split('.')[1] ?? '');
    }
  }
  if (unknown.size === 0) return;
  const names = [...unknown].map((id) => `"${id}"`).join(', ');
  throw new StartFault(
    `TOKEN_ENCRYPTION_KEYS: the values of this database are encrypted with the key ${names}, and no key given opens them: ${RESTORE}, or use another database`,
  );
}

function opens(vault: Vault, sealed: string, place: string): boolean {
  try {
    vault.decrypt(sealed, place);
    return true;
  } catch {
    return false;
  }
}

function placeOfCanary(keyId: string): string {
  return `key_canaries/${keyId}/sealed`;
}
