import { Database } from '../database/database.js';
import { openDatabase } from '../database/open-database.js';
import { fillAuditLog } from './audit-rows.js';

/** The database of the stand, seen past the gateway. */
export async function readDatabase(url: string): Promise<{
  /** Adds rows to the audit log. */
  fill(rows: number): Promise<number>;
  close(): Promise<void>;
}> {
  const dataSource = await openDatabase({ url, poolMax: 2, sandbox: false, log: () => undefined });
  const database = new Database(dataSource);
  return {
    fill: (rows) => fillAuditLog(database, rows),
    close: () => dataSource.destroy(),
  };
}
