import { Controller } from '@nestjs/common';
import {
  CredentialReferences,
  type NamedCredential,
} from '../../accounts/credential-references.js';
import { DoorRefusal, refuse } from '../../actions/door-refusal.js';
import { ActionFailure } from '../../actions/failures.js';
import type { Caller } from '../../callers/caller.js';
import { requireReach } from '../../callers/permissions.js';
import { Catalogue } from '../../execution/catalogue.js';
import { showCredential } from '../credential-reply.js';
import { json, Route, type RouteRequest } from '../door/route.js';
import {
  CredentialsQuery,
  OWN_CREDENTIAL,
  type OwnCredentialReply,
  PutCredential,
} from './credential-schemas.js';

const PATH = '/api/cp/platform-credentials';

/** The routes by which customers of the earlier service store credentials and get names for them. */
@Controller()
export class PlatformCredentialsController {
  constructor(
    private readonly references: CredentialReferences,
    private readonly catalogue: Catalogue,
  ) {}

  @Route({
    method: 'PUT',
    path: PATH,
    tag: 'Accounts',
    summary: 'Store tokens as an account of the caller, and get a name for them',
    description: 'The caller must have an owner: that is the customer.',
    needs: ['manage_accounts'],
    body: PutCredential,
    example: {
      platform: 'youtube',
      posting_identity: 'Our channel',
      access_token: 'the-access-token',
      refresh_token: 'the-refresh-token',
    },
    answers: { 200: json('The credential by its name', OWN_CREDENTIAL) },
    refuses: [404, 422],
  })
  async putCredential({
    caller,
    body: given,
  }: RouteRequest<{ body: PutCredential }>): Promise<OwnCredentialReply> {
    const customer = requireCustomer(caller);
    const platform = this.catalogue.platform(given.platform.toLowerCase());
    requireReach(caller, { platform: platform.name });
    // The account is known only once its tokens were stored, which is too late to refuse it.
    if (!caller.reachesAllAccounts)
      throw refuse.forbidden(
        `Caller "${caller.name}" is narrowed to accounts: store tokens with PUT /api/v1/accounts/${platform.name}/<account id>`,
      );
    try {
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
    } catch (error) {
      throw refuseWorthless(error);
    }
  }

  @Route({
    method: 'GET',
    path: PATH,
    tag: 'Accounts',
    summary: "List the caller's credentials by their names",
    needs: ['manage_accounts'],
    query: CredentialsQuery,
    answers: {
      200: json<OwnCredentialReply[]>('The latest, the oldest of them first', {
        type: 'array',
        items: OWN_CREDENTIAL,
      }),
    },
  })
  async listCredentials({
    caller,
    query,
  }: RouteRequest<{ query: CredentialsQuery }>): Promise<OwnCredentialReply[]> {
    const { platform, limit } = query;
    const all = await this.references.list(requireCustomer(caller), platform, limit);
    return all.filter((named) => caller.reachesAccount(named)).map(show);
  }
}

/** Tokens that are worth nothing, or of another account, are 422 here: the body itself was right. */
function refuseWorthless(error: unknown): unknown {
  if (!(error instanceof ActionFailure) || error.code !== 'INVALID_INPUT') return error;
  return new DoorRefusal('INVALID_ARGUMENT', 422, error.message);
}

function show(named: NamedCredential): OwnCredentialReply {
  return { ...showCredential(named), metadata: named.metadata };
}

/** @throws DoorRefusal for a caller without an owner, since names belong to customers */
function requireCustomer({ id, owner }: Caller): string {
  if (owner !== undefined) return owner;
  throw refuse.forbidden(
    `Caller "${id}" belongs to no customer: ask as a caller that has an owner (POST /api/v1/callers with "owner")`,
  );
}
