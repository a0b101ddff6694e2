/** An account with a platform. */
interface Holder {
  readonly platform: string;
  readonly accountId: string;
}

/** Whose token a request was refused with, and where. */
interface Refused extends Holder {
  /** Of the token. */
  readonly version: number;
  /** Method and path, without ids. */
  readonly route: string;
  /** The platform says that the token itself is not valid. */
  readonly rejectsToken: boolean;
}

interface Rejected {
  /** Of the latest token that was rejected right after its renewal. */
  readonly version: number;
  /** Tokens in a row of which the platform has accepted none. */
  readonly times: number;
  /** When the next renewal is worth a try, on the clock of `now`. */
  readonly until: number;
}

const KEPT_MS = 600_000;
const MOST = 10_000;
/** Fresh tokens rejected in a row, after which renewals wait. */
const MOST_REJECTIONS = 2;
/** The first wait; each further rejection doubles it. */
const FIRST_WAIT_MS = 1_000;

/**
 * Decides whether a renewal may help against a 401.
 *
 * A 401 that a fresh token meets as well is about something else, such as a missing scope or another
 * user's id: the same token on the same route is not renewed again for ten minutes. Where the platform says
 * that the token itself is not valid, it is renewed again, since a fresh token may end at once; after
 * two fresh tokens of an account that the platform rejected in a row, renewals wait, from one second up
 * to ten minutes. Kept in this process: another replica finds out by renewals of its own.
 */
export class Renewals {
  readonly #others = new Map<string, number>();
  readonly #rejected = new Map<string, Rejected>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether a renewal may help against a 401. */
  mayHelp(refused: Refused): boolean {
    if (refused.rejectsToken) return this.findWaitMs(refused) === 0;
    if (this.#others.size === 0) return true;
    return (this.#others.get(nameRefused(refused)) ?? 0) <= this.now();
  }

  /** Milliseconds until the token of an account may be renewed after a 401 that is about the token. */
  findWaitMs(holder: Holder): number {
    const until = this.#rejected.get(nameHolder(holder))?.until ?? 0;
    return Math.max(0, until - this.now());
  }

  /** Notes that a token which was renewed for this very request met a 401. */
  noteUseless(refused: Refused): void {
    if (!refused.rejectsToken) {
      keep(this.#others, nameRefused(refused), this.now() + KEPT_MS);
      return;
    }
    const { version } = refused;
    const holder = nameHolder(refused);
    const last = this.#rejected.get(holder);
    // Others have met the same token.
    if (last?.version === version) return;
    const times = (last?.times ?? 0) + 1;
    const waitMs =
      times < MOST_REJECTIONS
        ? 0
        : Math.min(KEPT_MS, FIRST_WAIT_MS * 2 ** (times - MOST_REJECTIONS));
    keep(this.#rejected, holder, { version, times, until: this.now() + waitMs });
  }

  /** Notes that the platform has accepted a token of the account. */
  noteAccepted(holder: Holder): void {
    if (this.#rejected.size > 0) this.#rejected.delete(nameHolder(holder));
  }
}

/** Sets an entry as the newest one, and forgets the oldest ones beyond the bound. */
function keep<Value>(entries: Map<string, Value>, name: string, value: Value): void {
  entries.delete(name);
  entries.set(name, value);
  for (const oldest of entries.keys()) {
    if (entries.size <= MOST) break;
    entries.delete(oldest);
  }
}

function nameHolder({ platform, accountId }: Holder): string {
  return `${platform}/${accountId}`;
}

function nameRefused(refused: Refused): string {
  return `${nameHolder(refused)} ${refused.version} ${refused.route}`;
}
