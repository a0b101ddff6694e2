import { STATUS_CODES } from 'node:http';
import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ConnectFailure } from '../../accounts/connect-failure.js';
import { type Consent, Connections } from '../../accounts/connections.js';
import type { ConsentAnswer } from '../../accounts/consent-states.js';
import { type Invited, Invitations } from '../../accounts/invitations.js';
import { type Action, joinScopes } from '../../actions/action.js';
import { DoorRefusal, refuse } from '../../actions/door-refusal.js';
import { ActionFailure, FAILURES } from '../../actions/failures.js';
import type { Platform } from '../../actions/platform.js';
import type { Caller } from '../../callers/caller.js';
import { CallerTokens } from '../../callers/caller-tokens.js';
import { requireReach } from '../../callers/permissions.js';
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
import { AccountAccess } from '../account-access.js';
import {
  CALLBACK_ANSWERS,
  ConnectAccount,
  CONSENT,
  type ConsentReply,
  type InvitedReport,
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
    private readonly ownership: AccountAccess,
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
    return describeConsent(await this.#begin(caller, params['platform'] ?? '', body));
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
    const consent = await this.#begin(caller, params['platform'] ?? '', query);
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
    try {
      const platform = this.catalogue.platform(params['platform'] ?? '');
      const answer = readAnswer(query);
      const callerId = this.#readCaller(request);
      if (platform.inviting) {
        const invited = await this.invitations.complete(platform, answer, callerId);
        if (!isJson) return sendPage(reply, 200, renderInvitedPage(invited, { sandbox }));
        return void reply
          .status(200)
          .header('cache-control', 'no-store')
          .send(reportInvited(invited, sandbox));
      }
      const connected = await this.connections.complete(platform, answer, callerId);
      const account = reportAccount(connected.account, this.catalogue);
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
      const { http, fault, reason, advice } = readFailure(error);
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

  async #begin(caller: Caller, platformName: string, given: ConnectAccount): Promise<Consent> {
    const platform = this.catalogue.platform(platformName);
    const { account_id: accountId } = given;
    const actions = this.#chooseActions(platform, given);
    if (platform.inviting) {
      const botId = accountId ?? platform.defaultAccount;
      requireReach(caller, { platform: platform.name, accountId: botId });
      // A tenant lets its own bot into places, and no other tenant's.
      await this.ownership.requireOwn(caller, platform.name, botId ?? '');
      const permissions = actions.flatMap((action) => action.permissions);
      return this.invitations.begin({ platform, caller, accountId, permissions });
    }
    requireReach(caller, { platform: platform.name, accountId: accountId });
    if (accountId !== undefined) await this.ownership.requireFree(caller, platform.name, accountId);
    const scopes = joinScopes(actions);
    return this.connections.begin({ platform, caller, accountId, scopes });
  }

  /** The actions that are to be carried out: those named, those of groups, or all. */
  #chooseActions(
    platform: Platform,
    { actions, group, groups = group === undefined ? undefined : [group] }: ConnectAccount,
  ): readonly Action[] {
    if (actions !== undefined && groups !== undefined)
      throw refuse.malformed('actions and group were both given: name one of them');
    const unknown = groups?.find((name) => !Object.hasOwn(platform.groups, name));
    if (unknown !== undefined) {
      throw refuse.malformed(
        `group must be one of ${Object.keys(platform.groups).join(', ')}, not "${unknown}"`,
      );
    }
    return (
      actions?.map((type) => this.catalogue.get(platform.name, type).action) ??
      platform.actions.filter((action) => groups === undefined || groups.includes(action.group))
    );
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
