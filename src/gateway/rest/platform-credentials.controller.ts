import { Body, Controller, Get, Put, Query, Req, UseInterceptors } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import {
  CredentialReferences,
  type NamedCredential,
} from '../../accounts/credential-references.js';
import type { Caller } from '../../callers/caller.js';
import { AuditInterceptor, openedCall } from '../../journal/audit.interceptor.js';
import { Catalogue } from '../../execution/catalogue.js';
import { Requires } from '../caller.guard.js';
import { requireReach } from '../../callers/permissions.js';
import { CredentialsQuery, PutCredential } from '../contracts/credential-bodies.js';
import { type CredentialReply, showCredential } from '../credential-reply.js';
import { refuse } from '../../actions/door-refusal.js';
import { parseBody } from './body.js';

/** A credential as its own customer sees it. */
export interface OwnCredentialReply extends CredentialReply {
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The routes by which customers of the earlier service store credentials and get names for them. */
@Controller('api/cp/platform-credentials')
@Requires('manage_accounts')
@UseInterceptors(AuditInterceptor)
export class PlatformCredentialsController {
  constructor(
    private readonly references: CredentialReferences,
    private readonly catalogue: Catalogue,
  ) {}

  @Put()
  async store(@Body() body: unknown, @Req() request: FastifyRequest): Promise<OwnCredentialReply> {
    const { caller } = openedCall(request);
    const customer = requireCustomer(caller);
    const given = parseBody(PutCredential, body);
    const platform = this.catalogue.platform(given.platform.toLowerCase());
    requireReach(caller, { platform: platform.name });
    // Whose the tokens are is known too late to keep a narrowed caller from somebody else's account.
    if (caller.accounts)
      throw refuse.forbidden(
        `Caller "${caller.name}" is narrowed to accounts: store tokens with PUT /api/v1/accounts/${platform.name}/<account id>`,
      );
    const named = await this.references.store(
      platform,
      customer,
      {
        ref: given.credential_ref,
        postingIdentity: given.posting_identity,
        accessToken: given.access_token,
        refreshToken: given.refresh_token,
      },
      caller.identity,
    );
    return show(named);
  }

  @Get()
  async list(
    @Query() query: Record<string, string>,
    @Req() request: FastifyRequest,
  ): Promise<OwnCredentialReply[]> {
    const { caller } = openedCall(request);
    const customer = requireCustomer(caller);
    const wish = 'limit' in query ? { ...query, limit: Number(query['limit']) } : query;
    const { platform, limit } = parseBody(CredentialsQuery, wish);
    const all = await this.references.list(customer, platform, limit);
    return all
      .filter(
        (named) =>
          (caller.platforms?.has(named.platform) ?? true) &&
          (caller.accounts?.has(named.accountId) ?? true),
      )
      .map(show);
  }
}

function show(named: NamedCredential): OwnCredentialReply {
  return { ...showCredential(named), metadata: named.metadata };
}

/** @throws DoorRefusal for whoever runs the gateway: names are in the hands of customers */
function requireCustomer({ id, owner }: Caller): string {
  if (owner !== undefined) return owner;
  throw refuse.forbidden(
    `Caller "${id}" belongs to no customer: ask as a caller that has an owner (POST /api/v1/callers with "owner")`,
  );
}
