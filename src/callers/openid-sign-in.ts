import { Inject, Injectable } from '@nestjs/common';
import * as openid from 'openid-client';
import { refuse } from '../actions/door-refusal.js';
import { isObject } from '../actions/json.js';
import { type Method, Transport } from '../actions/wire.js';
import { CONFIG, type Config, readPublicUrl } from '../config/config.js';
import { databaseClock } from '../config/database-clock.js';
import { CallerTokens, type SignedIn } from './caller-tokens.js';

/** Where the provider sends a browser back to, below PUBLIC_URL. */
export const OPENID_CALLBACK = '/api/v1/session/oidc/callback';
/** How long a person may take at the provider. */
export const OPENID_MINUTES = 10;

const ANSWER_WITHIN_MS = 10_000;
const BEGIN_AGAIN =
  'This sign-in was begun in another browser, more than ten minutes ago, or was used already';

/** A sign-in that was begun: where the browser goes, and the cookie that proves later that it was this one. */
export interface BegunSignIn {
  readonly url: string;
  readonly cookie: string;
}

/** A person whom the provider has named. */
export interface Person {
  readonly signedIn: SignedIn;
  /** The path of the console that the person came from. */
  readonly returnTo: string;
}

/** What the cookie holds. */
interface Pending {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly returnTo: string;
  /** Unix milliseconds. */
  readonly until: number;
}

/**
 * Signs people in at a provider of OpenID Connect, by its code flow with PKCE.
 * @see https://openid.net/specs/openid-connect-core-1_0.html
 */
@Injectable()
export class OpenIdSignIn {
  /** What the provider publishes of itself; read again after a failure. */
  #provider: Promise<openid.Configuration> | undefined;

  constructor(
    private readonly tokens: CallerTokens,
    private readonly transport: Transport,
    @Inject(CONFIG)
    private readonly config: Pick<Config, 'openId'> & Parameters<typeof readPublicUrl>[0],
  ) {}

  /** The host of the provider, for people; undefined where keys alone are taken. */
  get providerName(): string | undefined {
    return this.config.openId?.issuer.host;
  }

  /** @throws DoorRefusal NOT_FOUND where it is off, UNAVAILABLE while the provider cannot be asked */
  async begin(returnTo: string): Promise<BegunSignIn> {
    const provider = await this.#discover();
    const verifier = openid.randomPKCECodeVerifier();
    const pending: Pending = {
      state: openid.randomState(),
      nonce: openid.randomNonce(),
      verifier,
      returnTo,
      until: databaseClock.now() + OPENID_MINUTES * 60_000,
    };
    const url = openid.buildAuthorizationUrl(provider, {
      redirect_uri: this.#redirectUri(),
      scope: 'openid email profile',
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const text = Buffer.from(JSON.stringify(pending)).toString('base64url');
    return { url: url.href, cookie: `${text}.${this.tokens.seal(text)}` };
  }

  /**
   * Takes a browser back.
   * @param query of the address that the provider has sent it to
   * @throws DoorRefusal UNAUTHENTICATED, UNAVAILABLE
   */
  async finish(query: URLSearchParams, cookie: string | undefined): Promise<Person> {
    const provider = await this.#discover();
    const pending = this.#readCookie(cookie);
    const denied = query.get('error');
    if (denied !== null && query.get('state') === pending.state)
      throw refuse.unauthenticated(
        `${this.providerName} did not sign you in: ${query.get('error_description') ?? denied}`,
      );
    const url = new URL(`${this.#redirectUri()}?${query.toString()}`);
    const claims = await openid
      .authorizationCodeGrant(provider, url, {
        expectedState: pending.state,
        expectedNonce: pending.nonce,
        pkceCodeVerifier: pending.verifier,
        idTokenExpected: true,
      })
      .then((answer) => answer.claims() ?? {}, explainFault);
    return { signedIn: this.#identify(claims), returnTo: pending.returnTo };
  }

  #identify(claims: Readonly<Record<string, unknown>>): SignedIn {
    const claim = this.config.openId?.claim ?? '';
    const given = claims[claim];
    const values = (Array.isArray(given) ? given : [given]).filter(
      (value): value is string => typeof value === 'string' && value !== '',
    );
    if (values.length === 0)
      throw refuse.unauthenticated(
        `The ID token has no claim "${claim}": an operator has to let the provider send it, or to name another one in CONSOLE_OIDC_CLAIM`,
      );
    if (claim === 'email' && claims['email_verified'] === false)
      throw refuse.unauthenticated(
        `${this.providerName} has not verified the address ${values.join(', ')}: verify it there and sign in again`,
      );
    const signedIn = this.tokens.signInPerson(values);
    if (signedIn) return { ...signedIn, by: 'OpenID Connect' };
    throw refuse.unauthenticated(
      `Nobody with the ${claim} ${values.slice(0, 5).join(', ')} is let in: an operator has to add it to CONSOLE_OIDC_CALLERS`,
    );
  }

  #readCookie(cookie: string | undefined): Pending {
    const [text = '', seal = ''] = (cookie ?? '').split('.');
    if (text === '' || !this.tokens.isSealed(text, seal)) throw refuse.unauthenticated(BEGIN_AGAIN);
    const pending = JSON.parse(Buffer.from(text, 'base64url').toString()) as Pending;
    if (pending.until <= databaseClock.now()) throw refuse.unauthenticated(BEGIN_AGAIN);
    return pending;
  }

  #redirectUri(): string {
    return readPublicUrl(this.config) + OPENID_CALLBACK;
  }

  async #discover(): Promise<openid.Configuration> {
    const { openId } = this.config;
    if (!openId)
      throw refuse.notFound('This gateway has no provider of OpenID Connect: sign in with a key');
    const { issuer, clientId, clientSecret } = openId;
    const insecure = issuer.protocol === 'http:' ? [openid.allowInsecureRequests] : [];
    this.#provider ??= openid.discovery(
      issuer,
      clientId,
      undefined,
      clientSecret === undefined ? openid.None() : openid.ClientSecretPost(clientSecret),
      { execute: insecure, [openid.customFetch]: (url, options) => this.#fetch(url, options) },
    );
    try {
      return await this.#provider;
    } catch (error) {
      this.#provider = undefined;
      throw refuse.unavailable(
        `${issuer.host} cannot be asked (${describeError(error)}): try again, or sign in with a key`,
      );
    }
  }

  /** The requests of the library by our transport, which knows the proxies and bounds answers. */
  async #fetch(
    url: string,
    { method, headers, body }: { method: string; headers: Record<string, string>; body?: unknown },
  ): Promise<Response> {
    const delivery = await this.transport.deliver(
      {
        method: method as Method,
        url,
        headers,
        ...(body instanceof URLSearchParams && { body }),
      },
      ANSWER_WITHIN_MS,
    );
    if (delivery.kind !== 'answered') throw new Error(delivery.reason);
    const { status, headers: answered, body: content } = delivery.answer;
    const text = isObject(content) || Array.isArray(content) ? JSON.stringify(content) : content;
    const { 'content-type': type = 'application/json' } = answered;
    const hasBody = status !== 204 && status !== 304;
    return new Response(hasBody ? String(text ?? '') : null, {
      status,
      headers: { 'content-type': type },
    });
  }
}

/** The provider does not take its code, or its answer is not one to be believed. */
function explainFault(error: unknown): never {
  throw refuse.unauthenticated(`You are not signed in (${describeError(error)}): begin again`);
}

function describeError(error: unknown): string {
  const { message = String(error), cause } = error as Partial<Error>;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
