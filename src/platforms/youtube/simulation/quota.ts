import type { Clock } from '../../../sandbox/exchange.js';

const DAILY_UNITS = 10_000;
/** Uploads are counted one by one, beside the units. */
export const DAILY_UPLOADS = 100;
/** So are searches. */
export const DAILY_SEARCHES = 100;

const PACIFIC_DAY = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/Los_Angeles',
  dateStyle: 'short',
});

/**
 * A daily budget of the one project there is. It is new at midnight in Pacific time.
 * @see https://developers.google.com/youtube/v3/determine_quota_cost
 */
export class Quota {
  limit: number;
  #used = 0;
  #day = '';

  constructor(
    private readonly now: Clock,
    private readonly daily: number = DAILY_UNITS,
  ) {
    this.limit = daily;
  }

  get used(): number {
    this.#turnPage();
    return this.#used;
  }

  set used(units: number) {
    this.#turnPage();
    this.#used = units;
  }

  /** Takes units, or nothing when they are more than are left. */
  spend(units: number): boolean {
    if (this.used + units > this.limit) return false;
    this.#used += units;
    return true;
  }

  clear(): void {
    this.#used = 0;
    this.limit = this.daily;
  }

  #turnPage(): void {
    const day = PACIFIC_DAY.format(this.now());
    if (day === this.#day) return;
    this.#day = day;
    this.#used = 0;
  }
}
