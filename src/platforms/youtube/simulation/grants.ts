import { createHash, randomBytes } from 'node:crypto';

import type { Clock, Restoration } from '../../../sandbox/exchange.js';
import { Revocations } from '../../../sandbox/revocations.js';
import { SingleUseCodes } from '../../../sandbox/single-use-codes.js';

const TOKEN_SECONDS = 3_599;
/** More refresh tokens than these for one person and client, and the oldest dies (unverified). */
const GRANTS_PER_PERSON = 100;

/** One person's consent; its refresh token stays the same for as long as it lives. */
export interface Grant {
  readonly channel_id: string;
  readonly scopes: readonly string[];
  readonly refresh_token: string;
}

export interface AccessToken {
  readonly value: string;
  readonly grant: Grant;
  readonly expires_in: number;
  expires: number;
}

/** What an authorization code stands for. */
interface Consent {
  readonly channel_id: string;
  readonly scopes: readonly string[];
  readonly redirect_uri: string;
  readonly challenge: string | null;
  readonly is_offline: boolean;
}

/** Who consented to what, and the tokens that prove it. */
export class GoogleGrants {
  readonly #access = new Map<string, AccessToken>();
  readonly #refresh = new Map<string, Grant>();

  readonly codes: SingleUseCodes<Consent>;

  constructor(
    private readonly now: Clock,
    private readonly revocations = new Revocations(),
  ) {
    this.codes = new SingleUseCodes(
      now,
      () => `4/0sandbox${randomBytes(20).toString('base64url')}`,
    );
  }

  /** A fresh grant, as if the person had consented just now. */
  open(channelId: string, scopes: readonly string[], seconds = TOKEN_SECONDS): AccessToken {
    const grant: Grant = {
      channel_id: channelId,
      scopes,
      refresh_token: inventRefreshToken(),
    };
    const older = this.list().filter(({ channel_id }) => channel_id === channelId);
    for (const { refresh_token } of older.slice(0, Math.max(0, older.length - GRANTS_PER_PERSON)))
      this.#refresh.delete(refresh_token);
    this.#refresh.set(grant.refresh_token, grant);
    return this.#issue(grant, seconds);
  }

  /** A grant that was given before a restart, with its tokens as they were. */
  restore(given: {
    channel_id: string;
    scopes: readonly string[];
    access_token: string;
    refresh_token: string | undefined;
    expires_in: number;
  }): Restoration {
    const { access_token, refresh_token } = given;
    if (this.revocations.has(access_token) || this.revocations.has(refresh_token)) return 'revoked';
    if (this.#access.has(access_token)) return 'known';
    if (refresh_token !== undefined && this.#refresh.has(refresh_token)) return 'known';
    const grant: Grant = {
      channel_id: given.channel_id,
      scopes: given.scopes,
      refresh_token: refresh_token ?? inventRefreshToken(),
    };
    this.#refresh.set(grant.refresh_token, grant);
    this.#issue(grant, given.expires_in, access_token);
    return 'restored';
  }

  /** A new access token; the refresh token is not rotated. */
  refresh(refreshToken: string): AccessToken | undefined {
    const grant = this.#refresh.get(refreshToken);
    return grant && this.#issue(grant, TOKEN_SECONDS);
  }

  /** The token if it is known and still valid. */
  find(value: string): AccessToken | undefined {
    const token = this.#access.get(value);
    return token && token.expires > this.now() ? token : undefined;
  }

  /** Either token of a grant ends it whole. */
  revokeToken(value: string): boolean {
    const grant = this.#refresh.get(value) ?? this.find(value)?.grant;
    if (grant) this.#end(grant);
    return grant !== undefined;
  }

  expire(channelId: string): number {
    let expired = 0;
    for (const token of this.#access.values()) {
      if (token.grant.channel_id !== channelId || token.expires <= this.now()) continue;
      token.expires = this.now();
      expired += 1;
    }
    return expired;
  }

  revoke(channelId: string): number {
    const grants = this.list().filter(({ channel_id }) => channel_id === channelId);
    for (const grant of grants) this.#end(grant);
    return grants.length;
  }

  list(): Grant[] {
    return [...this.#refresh.values()];
  }

  clear(): void {
    this.#access.clear();
    this.#refresh.clear();
    this.codes.clear();
    this.revocations.clear();
  }

  #end(grant: Grant): void {
    this.#refresh.delete(grant.refresh_token);
    this.revocations.add(grant.refresh_token);
    for (const [value, token] of this.#access) {
      if (token.grant !== grant) continue;
      this.#access.delete(value);
      this.revocations.add(value);
    }
  }

  #issue(
    grant: Grant,
    seconds: number,
    value = `ya29.sandbox${randomBytes(24).toString('base64url')}`,
  ): AccessToken {
    const token: AccessToken = {
      value,
      grant,
      expires_in: seconds,
      expires: this.now() + seconds * 1_000,
    };
    // Tokens of the past are forgotten, so that a long test does not fill the memory.
    for (const [old, { expires }] of this.#access)
      if (expires <= this.now()) this.#access.delete(old);
    this.#access.set(token.value, token);
    return token;
  }
}

function inventRefreshToken(): string {
  return `1//sandbox${randomBytes(24).toString('base64url')}`;
}

/** Whether a verifier is the one whose S256 challenge came with the question. */
export function verifies(verifier: string | null, challenge: string | null): boolean {
  if (challenge === null) return true;
  if (verifier === null) return false;
  return createHash('sha256').update(verifier).digest('base64url') === challenge;
}
