import { createHash } from 'node:crypto';

/** Where revocations are kept beyond the life of a sandbox. */
export interface RevocationStore {
  /** @param hash of a token that was revoked, as SHA-256 in hexadecimal digits */
  add(hash: string): void;
  clear(): void;
}

/** Tokens that were revoked: a grant that is restored after a restart must not bring them back. */
export class Revocations {
  readonly #hashes: Set<string>;

  /** @param known hashes of tokens that were revoked earlier */
  constructor(
    known: Iterable<string> = [],
    private readonly store?: RevocationStore,
  ) {
    this.#hashes = new Set(known);
  }

  add(...tokens: readonly string[]): void {
    for (const hash of tokens.map(hashToken)) {
      if (this.#hashes.has(hash)) continue;
      this.#hashes.add(hash);
      this.store?.add(hash);
    }
  }

  has(token: string | undefined): boolean {
    return token !== undefined && this.#hashes.has(hashToken(token));
  }

  clear(): void {
    this.#hashes.clear();
    this.store?.clear();
  }
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
