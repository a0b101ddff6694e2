import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';

/** Whose memory it is. */
export interface MemoryOwner {
  readonly platform: string;
  readonly accountId: string;
}

/**
 * What actions of an account keep for later ones, on every replica: ids that a platform gives once and
 * never lists, and what would cost a call to find again.
 */
@Injectable()
export class AccountMemory {
  readonly #logger = new Logger(AccountMemory.name);

  constructor(private readonly database: Database) {}

  /** The value under a name, unless its time is over. @throws DatabaseAway */
  async recall({ platform, accountId }: MemoryOwner, name: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ value: string }>(
      `SELECT value FROM account_memory
       WHERE platform = $1 AND account_id = $2 AND name = $3 AND expires_at > now()`,
      [platform, accountId, name],
    );
    return row?.value;
  }

  /** Keeps a value. Never throws: what is kept is an aid, and what it is about has happened. */
  async remember(owner: MemoryOwner, name: string, value: string, forMs: number): Promise<void> {
    await this.#try(
      owner,
      name,
      `INSERT INTO account_memory (platform, account_id, name, value, expires_at)
       VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))
       ON CONFLICT (platform, account_id, name)
         DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`,
      [value, forMs / 1_000],
    );
  }

  /** Forgets a value. Never throws. */
  async forget(owner: MemoryOwner, name: string): Promise<void> {
    await this.#try(
      owner,
      name,
      'DELETE FROM account_memory WHERE platform = $1 AND account_id = $2 AND name = $3',
      [],
    );
  }

  async #try(
    { platform, accountId }: MemoryOwner,
    name: string,
    statement: string,
    values: readonly unknown[],
  ): Promise<void> {
    try {
      await this.database.change(statement, [platform, accountId, name, ...values]);
    } catch (error) {
      this.#logger.warn(
        `${platform} account ${accountId}: "${name}" was not kept: ${(error as Error).message}`,
      );
    }
  }
}
