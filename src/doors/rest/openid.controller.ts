import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DoorRefusal } from '../../actions/door-refusal.js';
import { Text } from '../../actions/fields.js';
import { OPENID_CALLBACK, OpenIdSignIn, type Person } from '../../callers/openid-sign-in.js';
import { Sessions } from '../../callers/sessions.js';
import { TokenBudget } from '../../callers/token-issuer.js';
import { CONFIG, type Config } from '../../config/config.js';
import { json, type PublicRequest, Route } from '../door/route.js';
import { defineObject, TEXT, YES_NO } from '../door/schema.js';
import { renderNotSignedInPage } from '../pages/page.js';
import { SessionCookies } from '../session-cookies.js';

const BEGIN = '/api/v1/session/oidc';
const CONSOLE = '/console/';
const PAGE = { 'text/html': { schema: { type: 'string' } } } as const;

/** Query of a sign-in. */
class BeginQuery {
  @Text('The path of the console that the person comes back to', {
    optional: true,
    pattern: /^\/console\/[\w\-./~%?=&+:,]{0,1900}$/,
    patternMeans: 'a path below /console/',
  })
  to?: string;
}

/** How people may sign in. */
interface WaysIn {
  readonly key: boolean;
  readonly openid: { readonly name: string; readonly path: string } | null;
}

const WAYS_IN = defineObject<WaysIn>('WaysIn', {
  key: { ...YES_NO, description: 'Keys and tokens are taken, by POST /api/v1/session' },
  openid: {
    type: ['object', 'null'],
    required: ['name', 'path'],
    properties: {
      name: { ...TEXT, description: 'The host of the provider' },
      path: { ...TEXT, description: 'What a browser opens to sign in there' },
    },
    description: 'The provider of OpenID Connect, if one is set up',
  },
});

/** Sign-in at a provider of OpenID Connect. */
@Controller()
export class OpenIdController {
  constructor(
    private readonly openId: OpenIdSignIn,
    private readonly sessions: Sessions,
    private readonly budget: TokenBudget,
    private readonly cookies: SessionCookies,
    @Inject(CONFIG) private readonly config: Pick<Config, 'sandbox'>,
  ) {}

  @Route({
    method: 'GET',
    path: '/api/v1/session/ways',
    tag: 'Tokens',
    summary: 'Tell how people may sign in',
    needs: 'public',
    answers: { 200: json('The ways', WAYS_IN) },
  })
  listWays(): WaysIn {
    const name = this.openId.providerName;
    return { key: true, openid: name === undefined ? null : { name, path: BEGIN } };
  }

  @Route({
    method: 'GET',
    path: BEGIN,
    tag: 'Tokens',
    summary: 'Send a browser to the provider of OpenID Connect',
    needs: 'public',
    perMinute: 60,
    query: BeginQuery,
    answers: { 303: { description: 'To the provider' } },
    refuses: [404, 503],
  })
  async begin({ query, reply }: PublicRequest<{ query: BeginQuery }>): Promise<void> {
    const { url, cookie } = await this.openId.begin(query.to ?? CONSOLE);
    void reply
      .header('set-cookie', this.cookies.writePending(cookie))
      .header('cache-control', 'no-store')
      .redirect(url, 303);
  }

  @Route({
    method: 'GET',
    path: OPENID_CALLBACK,
    tag: 'Tokens',
    summary: 'Where the provider of OpenID Connect sends a browser back to',
    needs: 'public',
    perMinute: 60,
    rawQuery: { state: { schema: TEXT }, code: { schema: TEXT }, error: { schema: TEXT } },
    answers: {
      303: { description: 'Signed in: to the console' },
      401: { description: 'Not signed in: a page that says why', content: PAGE },
      404: { description: 'No provider is set up: the same page', content: PAGE },
      503: { description: 'The provider cannot be asked: the same page', content: PAGE },
    },
  })
  async finish({ request, reply }: PublicRequest): Promise<void> {
    const { searchParams } = new URL(request.url, 'http://localhost');
    void reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    try {
      const cookie = this.cookies.readPending(request.headers.cookie);
      await this.#enter(await this.openId.finish(searchParams, cookie), reply);
    } catch (error) {
      if (!(error instanceof DoorRefusal)) throw error;
      void reply
        .header('set-cookie', this.cookies.removePending())
        .status(error.http)
        .type('text/html; charset=utf-8')
        .send(renderNotSignedInPage(error.message, BEGIN, this.config));
    }
  }

  async #enter({ signedIn, returnTo }: Person, reply: FastifyReply): Promise<void> {
    await this.budget.spendForToken(signedIn.caller.identity);
    const begun = await this.sessions.begin(signedIn);
    void reply
      .header('set-cookie', [this.cookies.write(begun), this.cookies.removePending()])
      .redirect(returnTo, 303);
  }
}
