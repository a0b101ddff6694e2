import { Injectable } from '@nestjs/common';
import { ActionFailure } from '../actions/failures.js';
import { Database } from '../database/database.js';
import { Vault } from '../database/vault.js';
import type { MemoryOwner } from './account-memory.js';

/** How often a change is computed anew because another action changed the record in the meantime. */
const MOST_ROUNDS = 20;

/** The identity of a record, which its ciphertext is bound to. */
export function placeOfRecord(platform: string, accountId: string, name: string): string {
  return `account_records/${platform}/${accountId}/${name}/value`;
}

/**
 * What actions of an account keep for later ones and must not lose, such as how a server was before it was
 * locked. Encrypted, without an end, and committed before the action goes on.
 */
@Injectable()
export class AccountRecords {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  /**
   * Changes a record in one step, against changes of other replicas as well.
   * @param change computes the record from the present one; undefined stands for none
   * @returns the record as it is stored now
   * @throws DatabaseAway, and ActionFailure GATEWAY_UNAVAILABLE while others change it again and again
   */
  async change(
    owner: MemoryOwner,
    name: string,
    change: (now: string | undefined) => string | undefined,
  ): Promise<string | undefined> {
    const key = [owner.platform, owner.accountId, name];
    const place = placeOfRecord(owner.platform, owner.accountId, name);
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const [row] = await this.database.query<{ value: string }>(
        'SELECT value FROM account_records WHERE platform = $1 AND account_id = $2 AND name = $3',
        key,
      );
      const now = row && this.vault.decrypt(row.value, place);
      const next = change(now);
      if (next === now || (await this.#write(key, place, row?.value, next))) return next;
    }
    throw new ActionFailure(
      'GATEWAY_UNAVAILABLE',
      `The record "${name}" is changed by other actions all the time; try again`,
    );
  }

  /** Writes the next value if the stored one is still the same. @returns whether it was */
  async #write(
    key: readonly string[],
    place: string,
    stored: string | undefined,
    next: string | undefined,
  ): Promise<boolean> {
    const changed =
      next === undefined
        ? await this.database.change(
            `DELETE FROM account_records
             WHERE platform = $1 AND account_id = $2 AND name = $3 AND value = $4`,
            [...key, stored],
          )
        : stored === undefined
          ? await this.database.change(
              `INSERT INTO account_records (platform, account_id, name, value)
               VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
              [...key, this.vault.encrypt(next, place)],
            )
          : await this.database.change(
              `UPDATE account_records SET value = $5, updated_at = now()
               WHERE platform = $1 AND account_id = $2 AND name = $3 AND value = $4`,
              [...key, stored, this.vault.encrypt(next, place)],
            );
    return changed > 0;
  }
}
