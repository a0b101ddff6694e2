import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';

/**
 * How long a replica is waited for that does not answer after the server has changed: as long as a lease
 * lives without being renewed.
 */
const LONGEST_WAIT_SECONDS = 10;

/** $1 seconds. Rows of replicas that wrote nothing again hold the gate, also those whose lease has ended. */
const OPEN = `
  UPDATE claim_gates SET opened_at = now()
  WHERE server = current_server() AND opened_at IS NULL
    AND (closed_at <= now() - make_interval(secs => $1)
      OR NOT EXISTS (SELECT 1 FROM replicas WHERE restored_on IS DISTINCT FROM current_server()))
  RETURNING EXISTS (SELECT 1 FROM replicas WHERE restored_on IS DISTINCT FROM current_server())
    AS "isIncomplete"`;

/** What a replica finds at the database. */
export interface ServerState {
  /** Names the server, by when it was started. */
  readonly server: string;
  /** Whether idempotency keys are claimed and lines are taken. */
  readonly isOpen: boolean;
}

/**
 * Closed from when the database server has changed until every replica has written again what it
 * remembers, so that no request is carried out twice whose key a failover has lost. The statements that
 * claim keys and take lines ask `require_open_claims()` themselves, so no replica can overlook a change.
 */
@Injectable()
export class ClaimGate {
  readonly #logger = new Logger(ClaimGate.name);

  constructor(private readonly database: Database) {}

  /** Looks at the server, and opens the gate if nothing holds it any more. @throws DatabaseAway */
  async look(): Promise<ServerState> {
    const state = await this.#read();
    return state.isOpen ? state : { ...state, isOpen: await this.#tryToOpen() };
  }

  async #read(): Promise<ServerState> {
    const [state] = await this.database.query<ServerState & { readonly isKnown: boolean }>(
      `SELECT current_server() AS server, gate.server IS NOT NULL AS "isKnown",
         gate.opened_at IS NOT NULL AS "isOpen"
       FROM (SELECT 1) AS here LEFT JOIN claim_gates gate ON gate.server = current_server()`,
    );
    if (!state) throw new Error('PostgreSQL answered a query of one row with none');
    if (state.isKnown) return state;
    await this.database.change(
      'INSERT INTO claim_gates (server) VALUES (current_server()) ON CONFLICT DO NOTHING',
    );
    await this.database.change(
      `DELETE FROM claim_gates WHERE closed_at < now() - interval '30 days'`,
    );
    return state;
  }

  async #tryToOpen(): Promise<boolean> {
    const [opened] = await this.database.query<{ isIncomplete: boolean }>(OPEN, [
      LONGEST_WAIT_SECONDS,
    ]);
    if (opened?.isIncomplete)
      this.#logger.error(
        `The database server has changed, and a replica has not written again what it remembers within ${LONGEST_WAIT_SECONDS} s: its latest outcomes may be lost, and repeats of their keys carried out again`,
      );
    return opened !== undefined;
  }
}
