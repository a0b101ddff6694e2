import type { Clock } from './exchange.js';

const LIFE_MS = 600_000;

/** Authorization codes, and what each stands for: good for one try within ten minutes. */
export class SingleUseCodes<Claim extends object> {
  readonly #claims = new Map<string, Claim & { readonly expires: number }>();

  /** @param invent makes codes that look like those of the platform */
  constructor(
    private readonly now: Clock,
    private readonly invent: () => string,
  ) {}

  add(claim: Claim): string {
    const code = this.invent();
    for (const [old, { expires }] of this.#claims)
      if (expires <= this.now()) this.#claims.delete(old);
    this.#claims.set(code, { ...claim, expires: this.now() + LIFE_MS });
    return code;
  }

  /** A code can be tried once, also if the try fails. */
  take(code: string): Claim | undefined {
    const claim = this.#claims.get(code);
    this.#claims.delete(code);
    return claim && claim.expires > this.now() ? claim : undefined;
  }

  clear(): void {
    this.#claims.clear();
  }
}
