import type { Flags } from '../safeguards/flags.js';

/** Lists of the catalogue that are made once, and made anew after a flag has changed. */
export class KeptLists<List> {
  readonly #lists = new Map<string, List>();
  #flags: unknown;

  constructor(
    private readonly flags: Pick<Flags, 'state'>,
    private readonly make: (platform: string | undefined) => List,
  ) {}

  /** @throws ActionFailure UNKNOWN_ACTION */
  get(platform: string | undefined): List {
    if (this.#flags !== this.flags.state) {
      this.#flags = this.flags.state;
      this.#lists.clear();
    }
    const key = platform ?? '';
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const made = this.make(platform);
    this.#lists.set(key, made);
    return made;
  }
}
