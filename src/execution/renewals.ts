/** The token and the route of a request that was answered with 401. */
interface Refused {
  readonly platform: string;
  readonly accountId: string;
  /** The version of the token. */
  readonly version: number;
  /** Method and path, without ids. */
  readonly route: string;
}

const KEPT_MS = 600_000;
const MOST = 10_000;

/**
 * Remembers the 401s that are not about the token, because a fresh token got one as well: for a missing
 * scope, or another user's id. For a while the token is not renewed again for the same route. Kept in this
 * process: another replica finds out by one renewal.
 */
export class Renewals {
  readonly #others = new Map<string, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether a renewal may help against a 401. */
  mayHelp(refused: Refused): boolean {
    if (this.#others.size === 0) return true;
    return (this.#others.get(nameRefused(refused)) ?? 0) <= this.now();
  }

  /** Records that a token which was renewed for this request got the same 401. */
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
