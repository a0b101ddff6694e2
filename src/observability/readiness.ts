import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';

/** Whether the doors are open, and how the database is: one truth for both doors' health. */
@Injectable()
export class Readiness {
  readonly #listeners: ((open: boolean) => void)[] = [];
  #open = false;

  constructor(private readonly database: Database) {}

  get isOpen(): boolean {
    return this.#open;
  }

  /** Opens or closes the doors, and says so to whoever listens. */
  set(open: boolean): void {
    this.#open = open;
    for (const listener of this.#listeners) listener(open);
  }

  onChange(listener: (open: boolean) => void): void {
    this.#listeners.push(listener);
    listener(this.#open);
  }

  /** What is wrong with the database; undefined while it answers. */
  async findDatabaseFault(): Promise<string | undefined> {
    try {
      await this.database.query('SELECT 1');
      return undefined;
    } catch (error) {
      return (error as Error).message || 'it does not answer';
    }
  }
}
