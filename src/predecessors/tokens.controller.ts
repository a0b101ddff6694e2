import { Controller } from '@nestjs/common';
import { Accounts } from '../accounts/accounts.js';
import { Id, Integer, List, Token } from '../actions/fields.js';
import { requireReach } from '../callers/permissions.js';
import { Catalogue } from '../execution/catalogue.js';
import { json, Route, type RouteRequest } from '../doors/door/route.js';
import { defineSchema, Described, TEXT } from '../doors/door/schema.js';
import { chooseAccountOwner, AccountAccess } from '../doors/account-access.js';

const ONE_YEAR_SECONDS = 31_536_000;

/** Body by which callers of the earlier Twitch service hand tokens over. */
@Described("The earlier Twitch service's form")
class StoreTokens {
  @Id('Id of the Twitch channel')
  broadcaster_id!: string;

  @Token('Its access token', { max: 4_096, private: true })
  access_token!: string;

  @Token('Its refresh token', { max: 4_096, private: true })
  refresh_token!: string;

  @Integer('Seconds until the access token ends', { min: 0, max: ONE_YEAR_SECONDS, default: 3600 })
  expires_in!: number;

  @List('Scopes it was granted', { default: [], maxItems: 200 })
  scopes!: string[];
}

/** Body by which callers of the earlier Twitch service have tokens forgotten. */
@Described("The earlier Twitch service's form")
class RevokeTokens {
  @Id('Id of the Twitch channel')
  broadcaster_id!: string;
}

interface TokensAnswer {
  readonly success: true;
  readonly message: string;
}

const TOKENS_ANSWER = defineSchema<TokensAnswer>('TokensAnswer', {
  type: 'object',
  required: ['success', 'message'],
  properties: { success: { const: true }, message: TEXT },
});

/** The routes by which callers of the earlier Twitch service hand tokens over. */
@Controller()
export class TokensController {
  constructor(
    private readonly accounts: Accounts,
    private readonly catalogue: Catalogue,
    private readonly ownership: AccountAccess,
  ) {}

  @Route({
    method: 'POST',
    path: '/api/v1/tokens/store',
    tag: 'Accounts',
    summary: "Connect a Twitch channel in the earlier service's form",
    needs: ['manage_accounts'],
    dialect: 'twitch',
    body: StoreTokens,
    example: {
      broadcaster_id: '1001',
      access_token: 'the-access-token',
      refresh_token: 'the-refresh-token',
      expires_in: 3600,
      scopes: ['user:write:chat'],
    },
    answers: {
      200: json('Stored', TOKENS_ANSWER, {
        example: { success: true, message: 'Token stored successfully' },
      }),
    },
  })
  async storeTokens({ caller, body }: RouteRequest<{ body: StoreTokens }>): Promise<TokensAnswer> {
    const { broadcaster_id, ...tokens } = body;
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

  @Route({
    method: 'POST',
    path: '/api/v1/tokens/revoke',
    tag: 'Accounts',
    summary: "Forget a Twitch channel's tokens, also when there are none",
    needs: ['manage_accounts'],
    dialect: 'twitch',
    body: RevokeTokens,
    example: { broadcaster_id: '1001' },
    answers: {
      200: json('Forgotten', TOKENS_ANSWER, {
        example: { success: true, message: 'Token revoked successfully' },
      }),
    },
  })
  async revokeTokens({
    caller,
    body: { broadcaster_id },
  }: RouteRequest<{ body: RevokeTokens }>): Promise<TokensAnswer> {
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
