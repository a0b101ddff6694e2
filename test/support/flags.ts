import type { Config } from '../../src/config/config.js';
import type { ChangeFeed } from '../../src/cluster/change-feed.js';
import type { Database } from '../../src/database/database.js';
import { Flags } from '../../src/safeguards/flags.js';

/** Flags with switches of the environment and a table that holds what admins set. */
export function openFlags(
  switches: Record<string, boolean> = {},
  stored: Record<string, boolean> = {},
): Flags {
  const rows = Object.entries(stored).map(([key, enabled]) => ({
    key,
    enabled,
    reason: 'because',
    changed_by: 'admin',
    changed_at: new Date(0),
    version: '1',
  }));
  const config = { switches: new Map(Object.entries(switches)) } as Pick<Config, 'switches'>;
  const database = { query: async () => rows } as unknown as Database;
  const feed = { follow: (_table: string, read: () => Promise<void>) => read() } as ChangeFeed;
  return new Flags(config, database, feed);
}
