import { randomBytes } from 'node:crypto';

import type { Clock, Restoration } from '../../../sandbox/exchange.js';
import { Revocations } from '../../../sandbox/revocations.js';
import { SingleUseCodes } from '../../../sandbox/single-use-codes.js';

/** How long an access token lives unless a grant says otherwise: four hours. */
const TOKEN_SECONDS = 14_400;
/** One refresh token keeps at most this many access tokens valid. */
const TOKENS_PER_GRANT = 50;
const KEPT_APP_TOKENS = 1_000;

/** One person's consent to one client; its refresh token changes with each refresh. */
export interface Grant {
  readonly client_id: string;
  readonly user_id: string;
  readonly scopes: ReadonlySet<string>;
  refresh_token: string;
  access_tokens: string[];
}

export interface AccessToken {
  readonly value: string;
  readonly client_id: string;
  /** Undefined for an app token. */
  readonly grant: Grant | undefined;
  readonly scopes: ReadonlySet<string>;
  expires: number;
}

/** What a token endpoint hands out. */
export interface IssuedTokens {
  readonly access: AccessToken;
  readonly expires_in: number;
}

/** What an authorization code stands for. */
interface Consent {
  readonly client_id: string;
  readonly user_id: string;
  readonly scopes: readonly string[];
  readonly redirect_uri: string;
}

/** Who consented to what, and the tokens that prove it. */
export class Grants {
  readonly #access = new Map<string, AccessToken>();
  readonly #refresh = new Map<string, Grant>();
  #appTokens: string[] = [];

  readonly codes: SingleUseCodes<Consent>;

  constructor(
    private readonly now: Clock,
    private readonly revocations = new Revocations(),
  ) {
    this.codes = new SingleUseCodes(now, () => inventToken(15));
  }

  /** A fresh grant, as if the person had consented just now. */
  open(given: {
    client_id: string;
    user_id: string;
    scopes: readonly string[];
    expires_in?: number;
  }): IssuedTokens {
    const grant: Grant = {
      client_id: given.client_id,
      user_id: given.user_id,
      scopes: new Set(given.scopes),
      refresh_token: inventToken(25),
      access_tokens: [],
    };
    this.#refresh.set(grant.refresh_token, grant);
    return this.#issue(grant, given.expires_in ?? TOKEN_SECONDS);
  }

  /** A grant that was given before a restart, with its tokens as they were. */
  restore(given: {
    client_id: string;
    user_id: string;
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
      client_id: given.client_id,
      user_id: given.user_id,
      scopes: new Set(given.scopes),
      refresh_token: refresh_token ?? inventToken(25),
      access_tokens: [],
    };
    this.#refresh.set(grant.refresh_token, grant);
    this.#issue(grant, given.expires_in, access_token);
    return 'restored';
  }

  /** A new access token and a new refresh token; the refresh token given is worth nothing after. */
  refresh(refreshToken: string, clientId: string): IssuedTokens | undefined {
    const grant = this.#refresh.get(refreshToken);
    if (!grant || grant.client_id !== clientId) return undefined;
    this.#refresh.delete(refreshToken);
    grant.refresh_token = inventToken(25);
    this.#refresh.set(grant.refresh_token, grant);
    return this.#issue(grant, TOKEN_SECONDS);
  }

  issueApp(clientId: string): IssuedTokens {
    const issued = this.#remember(clientId, undefined, TOKEN_SECONDS);
    this.#appTokens.push(issued.access.value);
    const oldest = this.#appTokens.length > KEPT_APP_TOKENS ? this.#appTokens.shift() : undefined;
    if (oldest !== undefined) this.#access.delete(oldest);
    return issued;
  }

  /** The token if it is known and still valid. */
  find(value: string): AccessToken | undefined {
    const token = this.#access.get(value);
    return token && token.expires > this.now() ? token : undefined;
  }

  revokeToken(value: string, clientId: string): boolean {
    const token = this.find(value);
    if (!token || token.client_id !== clientId) return false;
    this.revocations.add(value);
    return this.#access.delete(value);
  }

  expire(userId: string): number {
    let expired = 0;
    for (const token of this.#access.values()) {
      if (token.grant?.user_id !== userId || token.expires <= this.now()) continue;
      token.expires = this.now();
      expired += 1;
    }
    return expired;
  }

  /** Ends every grant of a user: access tokens and refresh tokens alike. */
  revoke(userId: string): number {
    let revoked = 0;
    for (const [value, grant] of this.#refresh) {
      if (grant.user_id !== userId) continue;
      this.#refresh.delete(value);
      for (const token of grant.access_tokens) this.#access.delete(token);
      this.revocations.add(value, ...grant.access_tokens);
      revoked += 1;
    }
    return revoked;
  }

  /** True when a user consented to all of these scopes, in one grant or in several. */
  consented(userId: string, clientId: string, scopes: readonly string[]): boolean {
    return scopes.every((scope) =>
      this.list().some(
        (grant) =>
          grant.user_id === userId && grant.client_id === clientId && grant.scopes.has(scope),
      ),
    );
  }

  list(): Grant[] {
    return [...this.#refresh.values()];
  }

  clear(): void {
    this.#access.clear();
    this.#refresh.clear();
    this.codes.clear();
    this.#appTokens = [];
    this.revocations.clear();
  }

  #issue(grant: Grant, seconds: number, value?: string): IssuedTokens {
    const issued = this.#remember(grant.client_id, grant, seconds, value);
    grant.access_tokens.push(issued.access.value);
    const oldest =
      grant.access_tokens.length > TOKENS_PER_GRANT ? grant.access_tokens.shift() : undefined;
    if (oldest !== undefined) this.#access.delete(oldest);
    return issued;
  }

  #remember(
    clientId: string,
    grant: Grant | undefined,
    seconds: number,
    value = inventToken(15),
  ): IssuedTokens {
    const access: AccessToken = {
      value,
      client_id: clientId,
      grant,
      scopes: grant?.scopes ?? new Set(),
      expires: this.now() + seconds * 1_000,
    };
    this.#access.set(access.value, access);
    return { access, expires_in: seconds };
  }
}

function inventToken(bytes: number): string {
  return `sandbox${randomBytes(bytes).toString('hex')}`;
}
