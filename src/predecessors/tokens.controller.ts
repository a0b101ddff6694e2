import { Controller } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Accounts } from '../accounts/accounts.js';
import { refuse } from '../actions/door-refusal.js';
import {
  type FieldClass,
  Id,
  Integer,
  List,
  listFields,
  parseFields,
  Token,
} from '../actions/fields.js';
import type { JsonObject } from '../actions/json.js';
import { requireReach } from '../callers/permissions.js';
import { Catalogue } from '../execution/catalogue.js';
import { json, Route, type RouteRequest } from '../doors/door/route.js';
import { defineSchema, Described, schemaOf, TEXT } from '../doors/door/schema.js';
import { chooseAccountOwner, AccountAccess } from '../doors/account-access.js';
import { isTruthyInPython, readId } from './predecessor.js';
import { readEarlierRequest } from './rest-routes.js';

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

/** What both routes have in common. */
const MANAGED = {
  method: 'POST',
  tag: 'Accounts',
  needs: ['manage_accounts'],
  dialect: 'twitch',
} as const;

/** The routes by which callers of the earlier Twitch service hand tokens over. */
@Controller()
export class TokensController {
  constructor(
    private readonly accounts: Accounts,
    private readonly catalogue: Catalogue,
    private readonly ownership: AccountAccess,
  ) {}

  @Route({
    ...MANAGED,
    path: '/api/v1/tokens/store',
    summary: "Connect a Twitch channel in the earlier service's form",
    rawBody: takes(StoreTokens, {
      broadcaster_id: '1001',
      access_token: 'the-access-token',
      refresh_token: 'the-refresh-token',
      expires_in: 3600,
      scopes: ['user:write:chat'],
    }),
    answers: {
      200: json('Stored', TOKENS_ANSWER, {
        example: { success: true, message: 'Token stored successfully' },
      }),
    },
  })
  async storeTokens({ caller, request }: RouteRequest): Promise<TokensAnswer> {
    const { broadcaster_id, ...tokens } = readTokens(
      StoreTokens,
      request,
      'broadcaster_id, access_token, and refresh_token are required',
    );
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
    ...MANAGED,
    path: '/api/v1/tokens/revoke',
    summary: "Forget a Twitch channel's tokens, also when there are none",
    rawBody: takes(RevokeTokens, { broadcaster_id: '1001' }),
    answers: {
      200: json('Forgotten', TOKENS_ANSWER, {
        example: { success: true, message: 'Token revoked successfully' },
      }),
    },
  })
  async revokeTokens({ caller, request }: RouteRequest): Promise<TokensAnswer> {
    const { broadcaster_id } = readTokens(RevokeTokens, request, 'broadcaster_id is required');
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

/** The body that the handler reads itself. */
function takes(type: FieldClass, example: JsonObject): JsonObject {
  return {
    required: true,
    content: { 'application/json': { schema: schemaOf(type), example } },
  };
}

/**
 * A body in the form of the earlier service, of which nothing else is read.
 * @param missing what that service said where a field is not there
 * @throws DoorRefusal
 */
function readTokens<T extends object>(
  type: FieldClass<T>,
  request: FastifyRequest,
  missing: string,
): T {
  const asked = readEarlierRequest(request);
  const fields = listFields(type);
  if (!fields.every(({ name, optional }) => optional || isTruthyInPython(asked[name])))
    throw refuse.malformed(missing);
  const given = fields.map(({ name }) => [
    name,
    name === 'broadcaster_id' ? readId(asked[name]) : asked[name],
  ]);
  const parsed = parseFields(type, Object.fromEntries(given));
  if (parsed.ok) return parsed.value;
  throw refuse.malformed(
    parsed.violations.map(({ field, message }) => `${field} ${message}`.trim()).join('; '),
  );
}
