import { Controller, Delete, Get, Param, Query, Req, Res, UseInterceptors } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Accounts } from '../../accounts/accounts.js';
import { ConnectFailure } from '../../accounts/connect-failure.js';
import { Connections } from '../../accounts/connections.js';
import { AuditInterceptor, openedCall } from '../../journal/audit.interceptor.js';
import { Catalogue } from '../../execution/catalogue.js';
import { requireReach } from '../../callers/permissions.js';
import { Public, Requires } from '../caller.guard.js';
import { Ownership } from '../ownership.js';
import { DoorRefusal, refuse } from '../../actions/door-refusal.js';
import { EarlierDoor } from './earlier-door.js';

const FORM = { earlierForm: 'youtube' };
type Answers = Readonly<Record<string, unknown>>;

/**
 * The routes by which channels were connected to the earlier YouTube service. There anybody could; here
 * it takes the permission, a state that was made for one question, and the word of Google whose it is.
 */
@Controller('oauth')
@EarlierDoor('youtube')
@Requires('manage_accounts')
export class YouTubeOAuthController {
  constructor(
    private readonly connections: Connections,
    private readonly accounts: Accounts,
    private readonly catalogue: Catalogue,
    private readonly ownership: Ownership,
  ) {}

  /** @param query `state` was the channel that is to be connected; left out, the person chooses */
  @Get('authorize')
  @UseInterceptors(AuditInterceptor)
  @RouteConfig(FORM)
  async begin(@Query() query: Answers, @Req() request: FastifyRequest): Promise<object> {
    const platform = this.catalogue.platform('youtube');
    const { caller } = openedCall(request);
    const accountId = readText(query['state']);
    requireReach(caller, { platform: platform.name, accountId: accountId });
    if (accountId !== undefined) await this.ownership.requireFree(caller, platform.name, accountId);
    const scopes = [...new Set(platform.actions.flatMap((action) => action.scopes))];
    const consent = await this.connections.begin({ platform, caller, accountId, scopes });
    return { success: true, authorization_url: consent.authorizationUrl };
  }

  /** Where Google sends people back to who were asked with YOUTUBE_REDIRECT_URI as it was. */
  @Get('callback')
  @Public()
  @RouteConfig({ ...FORM, rateLimit: { max: 300, timeWindow: '1 minute' } })
  async finish(@Query() query: Answers): Promise<object> {
    const [code, state, error] = ['code', 'state', 'error'].map((name) => readText(query[name]));
    if (state === undefined || (code === undefined && error === undefined))
      throw refuse.malformed('Missing code or channel_id');
    try {
      const platform = this.catalogue.platform('youtube');
      const { account } = await this.connections.complete(platform, { code, state, error });
      return {
        success: true,
        message: 'Authorization successful',
        channel_id: account.account_id,
        expires_at: account.expires_at,
      };
    } catch (fault) {
      if (!(fault instanceof ConnectFailure)) throw fault;
      throw new DoorRefusal('INVALID_ARGUMENT', fault.http, `${fault.message}. ${fault.advice}`);
    }
  }

  @Get('channels')
  @UseInterceptors(AuditInterceptor)
  @RouteConfig(FORM)
  async list(@Req() request: FastifyRequest): Promise<object> {
    const { caller } = openedCall(request);
    requireReach(caller, { platform: 'youtube' });
    const all = await this.accounts.list('youtube');
    const channels = all
      .filter(({ platform, account_id, owner }) =>
        caller.reachesAccount({ platform, accountId: account_id, owner }),
      )
      .toSorted((one, other) => other.created_at.localeCompare(one.created_at))
      .map(({ account_id, scopes, expires_at, created_at, updated_at }) => ({
        channel_id: account_id,
        scopes,
        expires_at,
        created_at,
        updated_at,
      }));
    return { success: true, channels };
  }

  @Delete('revoke/:channel_id')
  @UseInterceptors(AuditInterceptor)
  @RouteConfig(FORM)
  async revoke(
    @Param('channel_id') channelId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { caller } = openedCall(request);
    requireReach(caller, { platform: 'youtube', accountId: channelId });
    const known = await this.ownership.find(caller, 'youtube', channelId);
    const platform = this.catalogue.platform('youtube');
    const ended = known && (await this.accounts.disconnect(platform, channelId, caller.identity));
    if (ended === undefined) throw refuse.notFound('Channel not found');
    void reply
      .status(200)
      .header('grant-at-platform', ended)
      .send({ success: true, message: 'Authorization revoked' });
  }
}

/** A name given twice is a list, and means nothing here. */
function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
