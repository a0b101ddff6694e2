import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { refuse } from '../../actions/door-refusal.js';
import { Text } from '../../actions/fields.js';
import { CallerTokens, type SignedIn } from '../../callers/caller-tokens.js';
import { type Session, Sessions } from '../../callers/sessions.js';
import { TokenBudget } from '../../callers/token-issuer.js';
import { CONFIG, type Config } from '../../config/config.js';
import { CallerAuthentication } from '../caller-authentication.js';
import { empty, json, type PublicRequest, Route, type RouteRequest } from '../door/route.js';
import { defineObject, Described, TEXT, TIME, WHOLE } from '../door/schema.js';
import { SessionCookies } from '../session-cookies.js';
import { describeCaller, WHO_AM_I, type WhoAmI } from './caller-identity.js';

/** A request to sign in is short, and its caller is not known yet. */
const LARGEST_REQUEST = 16_384;
const SET_COOKIE = {
  'set-cookie': { description: 'The session', schema: { type: 'string' } },
} as const;

/** Body of a sign-in. */
@Described('What a person signs in with: a key or a code')
class SignIn {
  @Text("A caller's own key, a token, or the root key: one of MODULE_SECRET_KEY", {
    optional: true,
    min: 1,
    max: 8_192,
    private: true,
  })
  key?: string;

  @Text('The code of a one-time link, such as the one that a start prints', {
    optional: true,
    min: 1,
    max: 100,
    private: true,
  })
  code?: string;
}

/** A session as its person sees it. */
interface SessionReport {
  readonly caller: WhoAmI;
  readonly csrf_token: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly idle_seconds: number;
}

const SESSION = defineObject<SessionReport>('Session', {
  caller: WHO_AM_I,
  csrf_token: {
    ...TEXT,
    description: 'Send it as X-CSRF-Token with every request by cookie that changes something',
  },
  created_at: TIME,
  expires_at: { ...TIME, description: 'When it ends, also while it is used' },
  idle_seconds: { ...WHOLE, description: 'It ends earlier when it is not used for so long' },
});

/** Sessions of people in the browser. */
@Controller()
export class SessionController {
  constructor(
    private readonly sessions: Sessions,
    private readonly tokens: CallerTokens,
    private readonly budget: TokenBudget,
    private readonly cookies: SessionCookies,
    private readonly authentication: CallerAuthentication,
    @Inject(CONFIG) private readonly config: Pick<Config, 'SESSION_IDLE_SECONDS'>,
  ) {}

  @Route({
    method: 'POST',
    path: '/api/v1/session',
    tag: 'Tokens',
    summary: 'Sign in in the browser',
    description:
      'Sets an HttpOnly cookie that every route of REST takes in place of a token. The session has ' +
      'the permissions and bounds of the caller, and ends within a second when the caller is revoked ' +
      'or its key is changed.',
    needs: 'public',
    maxBodyBytes: LARGEST_REQUEST,
    body: SignIn,
    bodyRequired: true,
    example: { key: 'agk_the-key-of-a-caller' },
    headers: { 'cache-control': 'no-store' },
    answers: { 201: json('The session', SESSION, { headers: SET_COOKIE }) },
    refuses: [401],
  })
  async signIn({ body, reply }: PublicRequest<{ body: SignIn }>): Promise<SessionReport> {
    return this.#begin(await this.#identify(body), reply);
  }

  @Route({
    method: 'GET',
    path: '/api/v1/session',
    tag: 'Tokens',
    summary: 'Show the session of the cookie, with its CSRF token',
    needs: 'caller',
    headers: { 'cache-control': 'no-store' },
    answers: { 200: json('The session', SESSION) },
    refuses: [404],
  })
  getSession({ request }: RouteRequest): SessionReport {
    return this.#report(this.#requireSession(request));
  }

  @Route({
    method: 'DELETE',
    path: '/api/v1/session',
    tag: 'Tokens',
    summary: 'Sign out: end the session of the cookie',
    needs: 'caller',
    answers: { 204: empty('It has ended', SET_COOKIE) },
    refuses: [404],
  })
  async signOut({ request, reply, caller }: RouteRequest): Promise<void> {
    const { id } = this.#requireSession(request);
    await this.sessions.end(id, caller.identity, caller.owner);
    void reply.header('set-cookie', this.cookies.remove());
  }

  /** @throws DoorRefusal UNAUTHENTICATED for a wrong key or code */
  async #identify({ key, code }: SignIn): Promise<SignedIn> {
    if ((key === undefined) === (code === undefined))
      throw refuse.malformed('Send either `key` or `code`');
    if (key !== undefined) return this.tokens.signIn(key);
    const signedIn = await this.sessions.redeemCode(code ?? '');
    if (signedIn) return signedIn;
    throw refuse.unauthenticated(
      'The one-time link was used already, is older than ten minutes, or is not one of this gateway: start the gateway again for another, or sign in with a key',
    );
  }

  async #begin(signedIn: SignedIn, reply: FastifyReply): Promise<SessionReport> {
    await this.budget.spendForToken(signedIn.caller.identity);
    const begun = await this.sessions.begin(signedIn);
    void reply.header('set-cookie', this.cookies.write(begun));
    return this.#report(await this.sessions.find(begun.cookie));
  }

  #requireSession(request: RouteRequest['request']): Session {
    const session = this.authentication.sessionOf(request);
    if (session) return session;
    throw refuse.notFound(
      'This request came with a token and has no session: GET /api/v1/whoami tells who asks',
    );
  }

  #report({ caller, csrfToken, createdAt, expiresAt }: Session): SessionReport {
    return {
      caller: describeCaller(caller),
      csrf_token: csrfToken,
      created_at: createdAt.toISOString(),
      expires_at: expiresAt.toISOString(),
      idle_seconds: this.config.SESSION_IDLE_SECONDS,
    };
  }
}
