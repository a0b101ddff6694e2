import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';

/** Whether the doors are open: they are not before everything is there, and not once it stops. */
export type DoorState = 'starting' | 'open' | 'stopping';

/** A probe is answered before its client gives up, also while the database hangs. */
const PATIENCE_MS = 800;

/** Whether the doors are open, and how the database is: one truth for both doors' health. */
@Injectable()
export class Readiness {
  readonly #listeners: ((open: boolean) => void)[] = [];
  #state: DoorState = 'starting';
  #asking: Promise<string | undefined> | undefined;

  constructor(private readonly database: Database) {}

  get state(): DoorState {
    return this.#state;
  }

  /** Opens or closes the doors, and notifies listeners. */
  set(state: DoorState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state === 'open');
  }

  onChange(listener: (open: boolean) => void): void {
    this.#listeners.push(listener);
    listener(this.#state === 'open');
  }

  /** What is wrong with the database; undefined while it answers. */
  async findDatabaseFault(): Promise<string | undefined> {
    const tooLate = sleep(PATIENCE_MS, `it did not answer within ${PATIENCE_MS} ms`, {
      ref: false,
    });
    // One question for all requests meanwhile: this route needs no token, and may be asked at any rate.
    this.#asking ??= this.database
      .query('SELECT 1')
      .then(
        () => undefined,
        (error: unknown) => (error as Error).message || 'it does not answer',
      )
      .finally(() => {
        this.#asking = undefined;
      });
    return Promise.race([this.#asking, tooLate]);
  }
}
