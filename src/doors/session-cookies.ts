import { Inject, Injectable } from '@nestjs/common';
import { parse, serialize } from 'cookie';
import type { BegunSession } from '../callers/sessions.js';
import { OPENID_MINUTES } from '../callers/openid-sign-in.js';
import { CONFIG, isReachedOverTls } from '../config/config.js';

const NAME = 'action_gateway_session';
/** Of a sign-in that was begun at the provider of OpenID Connect. */
const PENDING_NAME = 'action_gateway_sign_in';

/**
 * The cookie of a session. Scripts cannot read it, no other site can make a browser send it, and where
 * the gateway is reached over TLS it is sent over TLS alone, and only by this host.
 */
@Injectable()
export class SessionCookies {
  readonly #isSecure: boolean;
  readonly #name: string;
  readonly #pendingName: string;

  constructor(
    @Inject(CONFIG)
    config: Parameters<typeof isReachedOverTls>[0],
  ) {
    this.#isSecure = isReachedOverTls(config);
    // https://www.rfc-editor.org/rfc/draft-ietf-httpbis-rfc6265bis: browsers hold a name of this form to its promise.
    this.#name = this.#isSecure ? `__Host-${NAME}` : NAME;
    this.#pendingName = this.#isSecure ? `__Host-${PENDING_NAME}` : PENDING_NAME;
  }

  /** The value in a `Cookie` header; undefined for none. */
  read(header: string | undefined): string | undefined {
    if (header === undefined || !header.includes(this.#name)) return undefined;
    return parse(header)[this.#name];
  }

  /** The `Set-Cookie` header of a session that was begun. */
  write({ cookie, expiresAt }: BegunSession): string {
    return this.#serialize(cookie, expiresAt);
  }

  /** The `Set-Cookie` header that removes the cookie. */
  remove(): string {
    return this.#serialize('', new Date(0));
  }

  /** The value of a sign-in that was begun; undefined for none. */
  readPending(header: string | undefined): string | undefined {
    return header === undefined ? undefined : parse(header)[this.#pendingName];
  }

  /** The `Set-Cookie` header of a sign-in that was begun. The provider's site sends the browser back. */
  writePending(value: string): string {
    return serialize(this.#pendingName, value, {
      ...this.#limits('lax'),
      maxAge: OPENID_MINUTES * 60,
    });
  }

  /** The `Set-Cookie` header that removes it. */
  removePending(): string {
    return serialize(this.#pendingName, '', { ...this.#limits('lax'), expires: new Date(0) });
  }

  #serialize(value: string, expires: Date): string {
    return serialize(this.#name, value, { ...this.#limits('strict'), expires });
  }

  #limits(sameSite: 'strict' | 'lax') {
    return { path: '/', httpOnly: true, sameSite, secure: this.#isSecure } as const;
  }
}
