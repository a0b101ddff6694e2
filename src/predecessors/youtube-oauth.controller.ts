import { joinScopes } from '../actions/action.js';
import { Controller } from '@nestjs/common';
import { Accounts } from '../accounts/accounts.js';
import { ConnectFailure } from '../accounts/connect-failure.js';
import { Connections } from '../accounts/connections.js';
import { Catalogue } from '../execution/catalogue.js';
import { requireReach } from '../callers/permissions.js';
import { type PublicRequest, Route, type RouteRequest } from '../doors/door/route.js';
import { TEXT } from '../doors/door/schema.js';
import { AccountAccess } from '../doors/account-access.js';
import { DoorRefusal, refuse } from '../actions/door-refusal.js';
import { describeMembers, EARLIER_MANAGE_SECURITY, EARLIER_REFUSALS } from './describe.js';

/** What the routes for people that manage accounts have in common. */
const MANAGED = {
  tag: 'Earlier services',
  needs: ['manage_accounts'],
  security: EARLIER_MANAGE_SECURITY,
  dialect: 'youtube',
  refusesAs: 'youtube',
} as const;

/**
 * The routes that connect channels in the form of the earlier YouTube service. There every client could; here
 * it takes the permission, a single-use state, and the identity of the channel from Google.
 */
@Controller()
export class YouTubeOAuthController {
  constructor(
    private readonly connections: Connections,
    private readonly accounts: Accounts,
    private readonly catalogue: Catalogue,
    private readonly ownership: AccountAccess,
  ) {}

  /** `state` was the channel that is to be connected; left out, the person chooses */
  @Route({
    ...MANAGED,
    method: 'GET',
    path: '/oauth/authorize',
    summary: 'Give the address that connects a channel of YouTube',
    rawQuery: { state: { schema: TEXT, description: 'Which channel' } },
    answers: {
      200: describeMembers('Done', ['success', 'authorization_url']),
      ...EARLIER_REFUSALS,
    },
  })
  async beginYouTube({ caller, query }: RouteRequest): Promise<object> {
    const platform = this.catalogue.platform('youtube');
    const accountId = readText(query['state']);
    requireReach(caller, { platform: platform.name, accountId: accountId });
    if (accountId !== undefined) await this.ownership.requireFree(caller, platform.name, accountId);
    const scopes = joinScopes(platform.actions);
    const consent = await this.connections.begin({ platform, caller, accountId, scopes });
    return { success: true, authorization_url: consent.authorizationUrl };
  }

  /** Where Google sends people back to who were asked with YOUTUBE_REDIRECT_URI as it was. */
  @Route({
    method: 'GET',
    path: '/oauth/callback',
    tag: 'Earlier services',
    summary: 'Where Google sends people back to, with YOUTUBE_REDIRECT_URI as it was',
    needs: 'public',
    refusesAs: 'youtube',
    perMinute: 300,
    rawQuery: { state: { schema: TEXT }, code: { schema: TEXT }, error: { schema: TEXT } },
    answers: {
      200: describeMembers('Done', ['success', 'message', 'channel_id', 'expires_at']),
      ...EARLIER_REFUSALS,
    },
  })
  async finishYouTube({ query }: PublicRequest): Promise<object> {
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

  @Route({
    ...MANAGED,
    method: 'GET',
    path: '/oauth/channels',
    summary: 'List the channels of YouTube that are connected',
    answers: { 200: describeMembers('Done', ['success', 'channels']), ...EARLIER_REFUSALS },
  })
  async listYouTubeChannels({ caller }: RouteRequest): Promise<object> {
    requireReach(caller, { platform: 'youtube' });
    const all = await this.ownership.list(caller, 'youtube');
    const channels = all
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

  @Route({
    ...MANAGED,
    method: 'DELETE',
    path: '/oauth/revoke/:channel_id',
    summary: 'Forget a channel of YouTube, and end its grant',
    answers: { 200: describeMembers('Done', ['success', 'message']), ...EARLIER_REFUSALS },
  })
  async revokeYouTubeChannel({ caller, params, reply }: RouteRequest): Promise<object> {
    const { channel_id: channelId = '' } = params;
    requireReach(caller, { platform: 'youtube', accountId: channelId });
    const known = await this.ownership.find(caller, 'youtube', channelId);
    const platform = this.catalogue.platform('youtube');
    const ended = known && (await this.accounts.disconnect(platform, channelId, caller.identity));
    if (ended === undefined) throw refuse.notFound('Channel not found');
    void reply.header('grant-at-platform', ended);
    return { success: true, message: 'Authorization revoked' };
  }
}

/** A name given twice is a list, and means nothing here. */
function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
