import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Req,
  Res,
  UseInterceptors,
} from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Consent, Connections } from '../../accounts/connections.js';
import type { ConsentAnswer } from '../../accounts/consent-states.js';
import { ConnectFailure } from '../../accounts/connect-failure.js';
import { type Invited, Invitations } from '../../accounts/invitations.js';
import type { Action } from '../../actions/action.js';
import type { Caller } from '../../callers/caller.js';
import { ActionFailure, FAILURES } from '../../actions/failures.js';
import type { Platform } from '../../actions/platform.js';
import { AuditInterceptor, openedCall } from '../../journal/audit.interceptor.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Catalogue } from '../../execution/catalogue.js';
import { reportAccount } from '../account-report.js';
import { CallerTokens } from '../../callers/caller-tokens.js';
import { requireReach } from '../../callers/permissions.js';
import { Public, Requires } from '../caller.guard.js';
import { ConnectAccount } from '../contracts/bodies.js';
import {
  renderConnectedPage,
  renderInvitedPage,
  renderNotConnectedPage,
} from '../contracts/connect-page.js';
import { Ownership } from '../ownership.js';
import { DoorRefusal, refuse } from '../../actions/door-refusal.js';
import { parseBody } from './body.js';

/** What a caller who cannot follow a redirect opens in a browser. */
interface ConsentReply {
  readonly authorization_url: string;
  readonly expires_in: number;
}

/** Nothing but the house's own style; nothing to send, nothing to embed. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TOO_FAST = { rateLimit: { max: 300, timeWindow: '1 minute' } };

/** Connects accounts in the browser: sends a person to the platform, and takes them back. */
@Controller()
export class OAuthController {
  constructor(
    private readonly connections: Connections,
    private readonly invitations: Invitations,
    private readonly catalogue: Catalogue,
    private readonly tokens: CallerTokens,
    private readonly ownership: Ownership,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** A browser sends no credentials by itself, so a caller asks for the address that a person opens. */
  @Post('api/v1/oauth/:platform/authorize')
  @HttpCode(200)
  @Requires('manage_accounts')
  @UseInterceptors(AuditInterceptor)
  async ask(
    @Param('platform') platformName: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<ConsentReply> {
    return describeConsent(await this.#begin(platformName, body, request));
  }

  /** The same for clients that send credentials and follow redirects. */
  @Get('oauth/:platform/authorize')
  @Requires('manage_accounts')
  @UseInterceptors(AuditInterceptor)
  async redirect(
    @Param('platform') platformName: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const consent = await this.#begin(platformName, query, request);
    void reply.header('cache-control', 'no-store');
    if (wantsJson(request)) return void reply.status(200).send(describeConsent(consent));
    return void reply.redirect(consent.authorizationUrl, 302);
  }

  /** Where the platform sends the person back to. What gives the right is the state alone. */
  @Get('oauth/:platform/callback')
  @Public()
  @RouteConfig(TOO_FAST)
  async finish(
    @Param('platform') platformName: string,
    @Query() query: Readonly<Record<string, unknown>>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { sandbox } = this.config;
    const isJson = wantsJson(request);
    try {
      const platform = this.catalogue.platform(platformName);
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

  async #begin(platformName: string, given: unknown, request: FastifyRequest): Promise<Consent> {
    const { caller } = openedCall(request);
    const platform = this.catalogue.platform(platformName);
    const wish = parseBody(ConnectAccount, given);
    const { account_id: accountId } = wish;
    const actions = this.#chooseActions(platform, wish);
    if (platform.inviting) {
      requireReach(caller, {
        platform: platform.name,
        accountId: accountId ?? platform.defaultAccount,
      });
      await this.#requireOwnBot(caller, platform, accountId ?? platform.defaultAccount);
      const permissions = actions.flatMap((action) => action.permissions);
      return this.invitations.begin({ platform, caller, accountId, permissions });
    }
    requireReach(caller, { platform: platform.name, accountId: accountId });
    if (accountId !== undefined) await this.ownership.requireFree(caller, platform.name, accountId);
    const scopes = [...new Set(actions.flatMap((action) => action.scopes))];
    return this.connections.begin({ platform, caller, accountId, scopes });
  }

  /** @throws DoorRefusal for a tenant whose bot it is not: nobody lets another's bot into places */
  async #requireOwnBot(caller: Caller, { name }: Platform, accountId = ''): Promise<void> {
    if (caller.owner === undefined) return;
    if (!(await this.ownership.find(caller, name, accountId)))
      throw refuse.forbidden(`Caller "${caller.name}" may not touch ${name} account ${accountId}`);
  }

  /** The actions that are to be carried out: those named, those of a group, or all. */
  #chooseActions(platform: Platform, { actions, group }: ConnectAccount): readonly Action[] {
    if (actions !== undefined && group !== undefined)
      throw refuse.malformed('actions and group were both given: name one of them');
    if (group !== undefined && !Object.hasOwn(platform.groups, group)) {
      throw refuse.malformed(
        `group must be one of ${Object.keys(platform.groups).join(', ')}, not "${group}"`,
      );
    }
    return (
      actions?.map((type) => this.catalogue.get(platform.name, type).action) ??
      platform.actions.filter((action) => group === undefined || action.group === group)
    );
  }

  /** A person's browser brings no credentials; whoever brings some must be the one who began. */
  #readCaller({ headers }: FastifyRequest): string | undefined {
    const { authorization } = headers;
    return authorization === undefined ? undefined : this.tokens.read(authorization).identity;
  }
}

function describeConsent({ authorizationUrl, expiresIn }: Consent): ConsentReply {
  return { authorization_url: authorizationUrl, expires_in: expiresIn };
}

/** A bot that was let into a server, for callers. */
interface InvitedReport {
  readonly success: true;
  readonly account_id: string;
  readonly bot: { readonly id: string; readonly name: string };
  readonly guild: { readonly id: string; readonly name: string };
  readonly permissions: readonly string[];
  readonly refused_permissions: readonly string[];
  readonly sandbox: boolean;
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

/** An expected no in words for people. @throws whatever is none, for the door's filter */
function readFailure(error: unknown): PageFailure {
  if (error instanceof ConnectFailure) {
    const { http, fault, message, advice } = error;
    return { http, fault, reason: message, advice };
  }
  if (error instanceof ActionFailure) {
    const { http, retryable } = FAILURES[error.code];
    const advice = retryable
      ? 'Nothing is lost: try again in a moment.'
      : 'Ask whoever runs this gateway.';
    return { http, fault: error.code, reason: error.message, advice };
  }
  if (error instanceof DoorRefusal) {
    const advice = 'Open the address without credentials, or with those of the caller who began.';
    return { http: error.http, fault: error.grpc, reason: error.message, advice };
  }
  throw error;
}
