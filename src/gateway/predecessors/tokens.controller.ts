import { Body, Controller, HttpCode, Post, Req, UseInterceptors } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Accounts } from '../../accounts/accounts.js';
import { AuditInterceptor, openedCall } from '../../journal/audit.interceptor.js';
import { Catalogue } from '../../execution/catalogue.js';
import { Requires } from '../caller.guard.js';
import { requireReach } from '../../callers/permissions.js';
import { RevokeTokens, StoreTokens } from '../contracts/bodies.js';
import { chooseAccountOwner, Ownership } from '../ownership.js';
import { parseBody } from '../rest/body.js';
import { EarlierDoor } from './earlier-door.js';

/** The routes by which callers of the earlier Twitch service hand tokens over. */
@Controller('api/v1/tokens')
@Requires('manage_accounts')
@EarlierDoor('twitch')
@UseInterceptors(AuditInterceptor)
export class TokensController {
  constructor(
    private readonly accounts: Accounts,
    private readonly catalogue: Catalogue,
    private readonly ownership: Ownership,
  ) {}

  @Post('store')
  @HttpCode(200)
  async store(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<{ success: true; message: string }> {
    const { broadcaster_id, ...tokens } = parseBody(StoreTokens, body);
    const { caller } = openedCall(request);
    requireReach(caller, { platform: 'twitch', accountId: broadcaster_id });
    const given = {
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
      expiresIn: tokens.expires_in,
      scopes: tokens.scopes,
    };
    await this.accounts.store(
      this.catalogue.platform('twitch'),
      broadcaster_id,
      given,
      caller.identity,
      chooseAccountOwner(caller, undefined),
    );
    return { success: true, message: 'Token stored successfully' };
  }

  @Post('revoke')
  @HttpCode(200)
  async revoke(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<{ success: true; message: string }> {
    const { broadcaster_id } = parseBody(RevokeTokens, body);
    const { caller } = openedCall(request);
    requireReach(caller, { platform: 'twitch', accountId: broadcaster_id });
    await this.ownership.requireFree(caller, 'twitch', broadcaster_id);
    await this.accounts.disconnect(
      this.catalogue.platform('twitch'),
      broadcaster_id,
      caller.identity,
    );
    return { success: true, message: 'Token revoked successfully' };
  }
}
