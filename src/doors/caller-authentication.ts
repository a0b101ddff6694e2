import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { refuse } from '../actions/door-refusal.js';
import type { Caller } from '../callers/caller.js';
import { CallerTokens } from '../callers/caller-tokens.js';
import { isCsrfToken, type Session, Sessions } from '../callers/sessions.js';
import { SessionCookies } from './session-cookies.js';

/** The authenticated caller, kept on the object that lives as long as its call. */
const AUTHENTICATED = Symbol('authenticated');
const SESSION = Symbol('session');

/** What of a REST request tells its caller. */
export type RequestCredentials = Pick<FastifyRequest, 'headers' | 'method'>;

/** Methods that change nothing, so that a request by cookie needs no token against forgery. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What identifies the origin of a request: its credential and its address. */
export interface RequestOrigin {
  readonly authorization: unknown;
  /** IP address of the other end of the connection. */
  readonly peer: string;
  readonly forwardedFor?: string;
}

/** Authenticates callers by their tokens, and REST requests by session cookies too; once for each call. */
@Injectable()
export class CallerAuthentication {
  constructor(
    private readonly tokens: CallerTokens,
    private readonly sessions: Sessions,
    private readonly cookies: SessionCookies,
  ) {}

  /**
   * Authenticates the caller of a call. The token of a call is read once.
   * @throws DoorRefusal UNAUTHENTICATED
   */
  authenticate(call: object, readOrigin: () => Pick<RequestOrigin, 'authorization'>): Caller {
    const carrier = call as { [AUTHENTICATED]?: Caller };
    return (carrier[AUTHENTICATED] ??= this.tokens.read(readOrigin().authorization));
  }

  /** Whether a REST request shows a session cookie and no token. */
  hasSession({ headers }: RequestCredentials): boolean {
    return headers.authorization === undefined && this.cookies.read(headers.cookie) !== undefined;
  }

  /**
   * Authenticates the caller of a REST request by its token, or else by its session.
   * @returns at once unless a session has to be read
   * @throws DoorRefusal UNAUTHENTICATED; PERMISSION_DENIED where a change by cookie lacks its X-CSRF-Token
   */
  authenticateRest(request: RequestCredentials): Caller | Promise<Caller> {
    const carrier = request as { [AUTHENTICATED]?: Caller };
    if (carrier[AUTHENTICATED]) return carrier[AUTHENTICATED];
    if (!this.hasSession(request))
      return this.authenticate(request, () => ({ authorization: request.headers.authorization }));
    const enter = (session: Session): Caller => {
      if (!SAFE_METHODS.has(request.method)) requireCsrfToken(request, session);
      Object.assign(request, { [SESSION]: session });
      return (carrier[AUTHENTICATED] = session.caller);
    };
    const found = this.#findSession(request);
    return found instanceof Promise ? found.then(enter) : enter(found);
  }

  /**
   * Authenticates the caller of a request again, whose answer takes long. It does not count as a use of the
   * session: one that nobody uses ends although a page is left open.
   * @throws DoorRefusal once its token or session has ended
   */
  authenticateAgain(request: RequestCredentials): Caller | Promise<Caller> {
    if (!this.hasSession(request)) return this.tokens.read(request.headers.authorization);
    const found = this.#findSession(request, false);
    return found instanceof Promise ? found.then(({ caller }) => caller) : found.caller;
  }

  /** The session that a request was authenticated by; undefined for a token. */
  sessionOf(request: RequestCredentials): Session | undefined {
    return (request as { [SESSION]?: Session })[SESSION];
  }

  #findSession({ headers }: RequestCredentials, isUse = true): Session | Promise<Session> {
    return this.sessions.find(this.cookies.read(headers.cookie) ?? '', isUse);
  }
}

function requireCsrfToken({ headers }: RequestCredentials, session: Session): void {
  if (isCsrfToken(headers['x-csrf-token'], session)) return;
  throw refuse.forbidden(
    'A change by session cookie needs the header X-CSRF-Token with the csrf_token of GET /api/v1/session',
  );
}
