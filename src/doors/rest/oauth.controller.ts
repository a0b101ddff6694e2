import { STATUS_CODES } from 'node:http';
import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ConnectLink, ConnectLinks, type OpenedLink } from '../../accounts/connect-links.js';
import { ConnectFailure } from '../../accounts/connect-failure.js';
import { type Consent, Connections } from '../../accounts/connections.js';
import type { ConsentAnswer } from '../../accounts/consent-states.js';
import { type Invited, Invitations } from '../../accounts/invitations.js';
import { DoorRefusal } from '../../actions/door-refusal.js';
import { ActionFailure, FAILURES } from '../../actions/failures.js';
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
import { Consents } from '../consents.js';
import { ReturnAddresses } from '../return-addresses.js';
import {
  CALLBACK_ANSWERS,
  ConnectAccount,
  CONSENT,
  type ConsentReply,
  type InvitedReport,
  LINK_ANSWERS,
} from './consent-schemas.js';

/** The page loads nothing but the gateway's own style; it sends nothing and embeds nothing. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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
      const told = isExpected(error) ? readFailure(error) : FAULT;
      if (link) await this.links.settle(link, { error: told.reason });
      const { http, fault, reason, advice } = readFailure(error);
      if (!isJson && this.#sendBack(reply, link, 'failed')) return;
      if (!isJson)
        return sendPage(reply, http, renderNotConnectedPage(reason, advice, { sandbox }));
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

  /** A person opens a link that a caller has sent. */
  @Route({
    method: 'GET',
    path: '/oauth/invitations/:secret',
    tag: 'Accounts',
    summary: 'What the owner of an account opens: leads to the platform, without a login here',
    needs: 'public',
    perMinute: 60,
    answers: {
      302: { description: 'To the platform' },
      ...LINK_ANSWERS,
    },
  })
  async openInvitation({ params, reply }: PublicRequest): Promise<void> {
    const { sandbox } = this.config;
    let opened: OpenedLink | undefined;
    try {
      const find = (name: string) => this.catalogue.platform(name);
      opened = await this.links.open(params['secret'] ?? '', find);
      const { link, caller } = opened;
      const wanted = {
        ...(link.accountId !== null && { account_id: link.accountId }),
        ...(link.groups !== null && { groups: link.groups }),
      };
      const consent = await this.consents.begin(caller, link.platform, wanted, link.id);
      void reply
        .header('referrer-policy', 'no-referrer')
        .header('cache-control', 'no-store')
        .redirect(consent.authorizationUrl, 302);
    } catch (error) {
      const { http, reason, advice } = readFailure(error);
      if (opened) await this.links.settle(opened.link, { error: reason });
      sendPage(reply, http, renderNotConnectedPage(reason, advice, { sandbox }));
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

function sendPage(reply: FastifyReply, status: number, page: string): void {
  void reply
    .status(status)
    .header('content-security-policy', PAGE_POLICY)
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(page);
}

interface PageFailure {
  readonly http: number;
  readonly fault: string;
  readonly reason: string;
  readonly advice: string;
}

/** What the list of links says of an error that the door answers. */
const FAULT = { reason: 'The gateway met a fault of its own; try again' };

function isExpected(error: unknown): boolean {
  return [ConnectFailure, ActionFailure, DoorRefusal].some((type) => error instanceof type);
}

/** An expected refusal in words for people. @throws every other error, which the door answers */
function readFailure(error: unknown): PageFailure {
  if (error instanceof ConnectFailure) {
    const { http, fault, message, advice } = error;
    return { http, fault, reason: message, advice };
  }
  if (error instanceof ActionFailure) {
    const { http, retryable } = FAILURES[error.code];
    const advice = retryable
      ? 'Nothing is lost: try again in a moment.'
      : 'Ask the operator of this gateway.';
    return { http, fault: error.code, reason: error.message, advice };
  }
  if (error instanceof DoorRefusal) {
    const advice = 'Open the address without credentials, or with those of the caller who began.';
    return { http: error.http, fault: error.grpc, reason: error.message, advice };
  }
  throw error;
}
