/** Whose token a request was refused with, and where. */
interface Refused {
  readonly platform: string;
  readonly accountId: string;
  /** Of the token. */
  readonly version: number;
  /** Method and path, without ids. */
  readonly route: string;
}

const KEPT_MS = 600_000;
const MOST = 10_000;

/**
 * Remembers which 401s are about something else than the token: those that a fresh token met as well,
 * such as a missing scope or another user's id. Neither the same token nor the same route of the account
 * is worth another renewal for a while. Kept in this process: another replica finds out by one renewal.
 */
export class Renewals {
  readonly #others = new Map<string, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether a renewal may help against a 401. */
  mayHelp(refused: Refused): boolean {
    if (this.#others.size === 0) return true;
    return !listNames(refused).some((name) => (this.#others.get(name) ?? 0) > this.now());
  }

  /** Notes that a token which was renewed for this very request met the same 401. */
  noteOther(refused: Refused): void {
    const until = this.now() + KEPT_MS;
    for (const name of listNames(refused)) {
      this.#others.delete(name);
      this.#others.set(name, until);
    }
    // The oldest come first.
    for (const name of this.#others.keys()) {
      if (this.#others.size <= MOST) break;
      this.#others.delete(name);
    }
  }
}

function listNames({ platform, accountId, version, route }: Refused): readonly string[] {
  const account = `${platform}/${accountId}`;
  return [`${account} token ${version}`, `${account} route ${route}`];
}
