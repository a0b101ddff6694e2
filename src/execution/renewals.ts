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
 * such as a missing scope or another user's id. The same token on the same route is worth no other renewal
 * for a while. Kept in this process: another replica finds out by one renewal.
 */
export class Renewals {
  readonly #others = new Map<string, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether a renewal may help against a 401. */
  mayHelp(refused: Refused): boolean {
    if (this.#others.size === 0) return true;
    return (this.#others.get(nameRefused(refused)) ?? 0) <= this.now();
  }

  /** Notes that a token which was renewed for this very request met the same 401. */
  noteOther(refused: Refused): void {
    const until = this.now() + KEPT_MS;
    const refusal = nameRefused(refused);
    this.#others.delete(refusal);
    this.#others.set(refusal, until);
    // The oldest come first.
    for (const name of this.#others.keys()) {
      if (this.#others.size <= MOST) break;
      this.#others.delete(name);
    }
  }
}

function nameRefused({ platform, accountId, version, route }: Refused): string {
  return `${platform}/${accountId} ${version} ${route}`;
}
