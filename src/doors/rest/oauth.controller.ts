import { STATUS_CODES } from 'node:http';
import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ConnectLink, ConnectLinks } from '../../accounts/connect-links.js';
import { type Consent, Connections } from '../../accounts/connections.js';
import type { ConsentAnswer } from '../../accounts/consent-states.js';
import { type Invited, Invitations } from '../../accounts/invitations.js';
import { CallerTokens } from '../../callers/caller-tokens.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Catalogue } from '../../execution/catalogue.js';
import { reportAccount } from '../account-report.js';
import {
  renderConnectedPage,
  renderInvitedPage,
  renderNotConnectedPage,
} from '../pages/connect-page.js';
import { json, type PublicRequest, Route, type RouteRequest } from '../door/route.js';
import { TEXT } from '../door/schema.js';
import { ConnectCookie } from '../connect-cookie.js';
import { Consents } from '../consents.js';
import { ReturnAddresses } from '../return-addresses.js';
import { describeForList, readFailure, sendPage } from './connect-replies.js';
import {
  CALLBACK_ANSWERS,
  ConnectAccount,
  CONSENT,
  type ConsentReply,
  type InvitedReport,
} from './consent-schemas.js';

/** Connects accounts in the browser: sends a person to the platform, and takes them back. */
@Controller()
export class OAuthController {
  constructor(
    private readonly connections: Connections,
    private readonly invitations: Invitations,
    private readonly catalogue: Catalogue,
    private readonly tokens: CallerTokens,
    private readonly consents: Consents,
    private readonly links: ConnectLinks,
    private readonly addresses: ReturnAddresses,
    private readonly cookie: ConnectCookie,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** A browser sends no credentials by itself, so a caller asks for the address that a person opens. */
  @Route({
    method: 'POST',
    path: '/api/v1/oauth/:platform/authorize',
    tag: 'Accounts',
    summary: 'Make the address that a person opens to connect an account',
    description:
      'A browser sends no credentials by itself, so a caller asks for the address and a person ' +
      'opens it: at the platform, which sends them back to `/oauth/{platform}/callback`. The ' +
      'scopes of the actions are asked for, and those that the account has granted already. On ' +
      'Discord the person lets the bot into a server, with the permissions of the actions.',
    needs: ['manage_accounts'],
    body: ConnectAccount,
    example: { account_id: '1001', group: 'chat' },
    answers: { 200: json('The address', CONSENT) },
  })
  async askForConsent({
    caller,
    params,
    body,
  }: RouteRequest<{ body: ConnectAccount }>): Promise<ConsentReply> {
    return describeConsent(await this.consents.begin(caller, params['platform'] ?? '', body));
  }

  /** The same for clients that send credentials and follow redirects. */
  @Route({
    method: 'GET',
    path: '/oauth/:platform/authorize',
    tag: 'Accounts',
    summary: 'The same for clients that send credentials and follow redirects',
    needs: ['manage_accounts'],
    query: ConnectAccount,
    headers: { 'cache-control': 'no-store' },
    answers: {
      200: json('The address, for `Accept: application/json`', CONSENT),
      302: { description: 'To the platform' },
    },
  })
  async goForConsent({
    caller,
    params,
    query,
    request,
    reply,
  }: RouteRequest<{ query: ConnectAccount }>): Promise<ConsentReply | void> {
    const consent = await this.consents.begin(caller, params['platform'] ?? '', query);
    if (wantsJson(request)) return describeConsent(consent);
    void reply.redirect(consent.authorizationUrl, 302);
  }

  /** Where the platform sends the person back to. What gives the right is the state alone. */
  @Route({
    method: 'GET',
    path: '/oauth/:platform/callback',
    tag: 'Accounts',
    summary: 'Where the platform sends a person back to: a page, or JSON for who accepts that',
    needs: 'public',
    perMinute: 300,
    rawQuery: { state: { schema: TEXT }, code: { schema: TEXT }, error: { schema: TEXT } },
    answers: CALLBACK_ANSWERS,
  })
  async takeConsent({ params, query, request, reply }: PublicRequest): Promise<void> {
    const { sandbox } = this.config;
    const isJson = wantsJson(request);
    let link: ConnectLink | undefined;
    try {
      const platform = this.catalogue.platform(params['platform'] ?? '');
      const answer = readAnswer(query);
      link = await this.links.claim(answer.state);
      const callerId = this.#readCaller(request);
      if (platform.inviting) {
        const invited = await this.invitations.complete(platform, answer, callerId);
        if (link) await this.links.settle(link, { accountId: invited.accountId });
        if (!isJson && this.#sendBack(reply, link, 'done')) return;
        if (!isJson) return sendPage(reply, 200, renderInvitedPage(invited, { sandbox }));
        return void reply
          .status(200)
          .header('cache-control', 'no-store')
          .send(reportInvited(invited, sandbox));
      }
      const connected = await this.connections.complete(platform, answer, callerId);
      const account = reportAccount(connected.account, this.catalogue);
      if (link) await this.links.settle(link, { accountId: account.account_id });
      if (!isJson && this.#sendBack(reply, link, 'done')) return;
      if (!isJson)
        return sendPage(
          reply,
          200,
          renderConnectedPage(platform.title, connected, account, { sandbox }),
        );
      return void reply.status(200).header('cache-control', 'no-store').send({
        success: true,
        reconnected: connected.isReconnected,
        refused_scopes: connected.refusedScopes,
        account,
        sandbox,
      });
    } catch (error) {
      if (link) await this.links.settle(link, { error: describeForList(error) });
      const { http, fault, reason, advice } = readFailure(error);
      if (!isJson && this.#sendBack(reply, link, 'failed')) return;
      if (!isJson)
        return sendPage(
          reply,
          http,
          renderNotConnectedPage(reason, advice, { sandbox }, this.#findLink(request)),
        );
      return void reply
        .status(http)
        .header('cache-control', 'no-store')
        .type('application/problem+json')
        .send({
          type: 'about:blank',
          title: STATUS_CODES[http] ?? 'Error',
          status: http,
          detail: `${reason}. ${advice}`,
          error: reason,
          success: false,
          code: fault,
          what_to_do: advice,
        });
    }
  }

  /** Sends a person who came by a link to where its caller wants them. @returns whether it did */
  #sendBack(reply: FastifyReply, link: ConnectLink | undefined, state: 'done' | 'failed'): boolean {
    if (!link?.returnTo) return false;
    const address = this.addresses.complete(link.returnTo, { invitation: link.id, state });
    if (address === undefined) return false;
    void reply
      .header('referrer-policy', 'no-referrer')
      .header('cache-control', 'no-store')
      .redirect(address, 302);
    return true;
  }

  /** The address of the link by which a person went to the platform. */
  #findLink({ headers }: FastifyRequest): string | undefined {
    const secret = this.cookie.read(headers.cookie);
    return secret === undefined ? undefined : `/oauth/invitations/${secret}`;
  }

  /** A person's browser sends no credentials. A caller that sends some must be the one that began. */
  #readCaller({ headers }: FastifyRequest): string | undefined {
    const { authorization } = headers;
    return authorization === undefined ? undefined : this.tokens.read(authorization).identity;
  }
}

function describeConsent({ authorizationUrl, expiresIn }: Consent): ConsentReply {
  return { authorization_url: authorizationUrl, expires_in: expiresIn };
}

function reportInvited(invited: Invited, sandbox: boolean): InvitedReport {
  const { accountId, bot, place, refusedPermissions } = invited;
  return {
    success: true,
    account_id: accountId,
    bot: { id: bot.botId, name: bot.name },
    guild: { id: place.id, name: place.name },
    permissions: place.permissions,
    refused_permissions: refusedPermissions,
    sandbox,
  };
}

/** A name given twice is a list, and means nothing here. */
function readAnswer(query: Readonly<Record<string, unknown>>): ConsentAnswer {
  const read = (name: string): string | undefined => {
    const value = query[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return { state: read('state'), code: read('code'), error: read('error') };
}

function wantsJson({ headers }: FastifyRequest): boolean {
  const accept = headers.accept ?? '';
  return accept.includes('application/json') && !accept.includes('text/html');
}
