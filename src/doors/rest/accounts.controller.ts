import { Controller } from '@nestjs/common';
import { Accounts } from '../../accounts/accounts.js';
import type { AccountTokens } from '../../accounts/account-grant.js';
import { ReferringAccounts } from '../../accounts/referring-accounts.js';
import { Verification } from '../../accounts/verification.js';
import { refuse } from '../../actions/door-refusal.js';
import { AuditEvents, type HistoryPage } from '../../journal/audit-events.js';
import { requireReach } from '../../callers/permissions.js';
import { Catalogue } from '../../execution/catalogue.js';
import { AccountDirectory, type AccountPage } from '../account-directory.js';
import { type AccountReport, reportAccount, type VerifiedAccount } from '../account-report.js';
import { empty, json, Route, type RouteRequest } from '../door/route.js';
import { chooseAccountOwner, AccountAccess } from '../account-access.js';
import {
  ACCOUNT,
  ACCOUNT_LIST,
  AccountPath,
  GRANT_AT_PLATFORM,
  ListAccounts,
  StoreAccount,
  VERIFIED_ACCOUNT,
} from './account-schemas.js';
import { HISTORY, HistoryQuery, requirePage } from './history.js';

/** What an account has none of whose credential is held elsewhere. */
const TOKEN_FIELDS = [
  'access_token',
  'refresh_token',
  'expires_in',
  'scopes',
  'login',
  'client_id',
  'client_secret',
] as const;

const PATH = '/api/v1/accounts/:platform/:account_id';
type OneAccount = RouteRequest<{ params: AccountPath }>;

/** Accounts, without their secrets. */
@Controller()
export class AccountsController {
  constructor(
    private readonly accounts: Accounts,
    private readonly referring: ReferringAccounts,
    private readonly verification: Verification,
    private readonly events: AuditEvents,
    private readonly ownership: AccountAccess,
    private readonly catalogue: Catalogue,
    private readonly directory: AccountDirectory,
  ) {}

  @Route({
    method: 'GET',
    path: '/api/v1/accounts',
    tag: 'Accounts',
    summary: 'List the accounts that the token reaches',
    description: 'The bot whose token is configured is among them. Without `limit` all are listed.',
    needs: ['manage_accounts'],
    query: ListAccounts,
    answers: { 200: json('The accounts by platform and id', ACCOUNT_LIST) },
    refuses: [404],
  })
  listAccounts({
    caller,
    query: { platform, state, text, cursor, limit },
  }: RouteRequest<{ query: ListAccounts }>): Promise<AccountPage> {
    return this.directory.list(caller, { platform, state, text }, { after: cursor, limit });
  }

  @Route({
    method: 'GET',
    path: PATH,
    tag: 'Accounts',
    summary: 'Show an account',
    needs: ['manage_accounts'],
    params: AccountPath,
    answers: { 200: json('The account', ACCOUNT) },
  })
  async getAccount({ caller, params }: OneAccount): Promise<AccountReport> {
    const { platform, account_id: accountId } = params;
    requireReach(caller, { platform, accountId });
    return (await this.directory.find(caller, platform, accountId)) ?? refuseUnknown(params);
  }

  /** Also of an account that was removed: its events stay. */
  @Route({
    method: 'GET',
    path: `${PATH}/history`,
    tag: 'Accounts',
    summary: 'Tell what happened to an account, the newest first; also to one that is gone',
    needs: ['manage_accounts', 'read_audit'],
    weight: 5,
    params: AccountPath,
    query: HistoryQuery,
    answers: { 200: json('A part of its history', HISTORY) },
  })
  async tellAccountHistory({
    caller,
    params,
    query,
  }: RouteRequest<{ params: AccountPath; query: HistoryQuery }>): Promise<HistoryPage> {
    const { account_id: accountId } = params;
    const { name: platform } = this.catalogue.platform(params.platform);
    requireReach(caller, { platform, accountId });
    const { owner } = caller;
    const page = requirePage(await this.events.list({ platform, accountId, owner, ...query }));
    // Accounts that were stored before there were events have none.
    const isKnown =
      page.entries.length > 0 || (await this.ownership.find(caller, platform, accountId));
    return isKnown ? page : refuseUnknown(params);
  }

  @Route({
    method: 'PUT',
    path: PATH,
    tag: 'Accounts',
    summary: 'Connect an account with tokens that are at hand, or replace them',
    description:
      'The platform is asked whose the token is, and what it says counts. An access token that ' +
      'is over is renewed first. When the platform cannot be asked, the account is stored as ' +
      '`unverified`: actions are tried with it, scopes that are only claimed refuse none of them, ' +
      'and the platform is asked again in the background.',
    needs: ['manage_accounts'],
    params: AccountPath,
    body: StoreAccount,
    bodyRequired: true,
    example: {
      access_token: 'the-access-token',
      refresh_token: 'the-refresh-token',
      expires_in: 14_400,
      scopes: ['user:write:chat'],
    },
    answers: { 200: json('The account as it is stored', ACCOUNT) },
  })
  async storeAccount({
    caller,
    params,
    body: given,
  }: RouteRequest<{ params: AccountPath; body: StoreAccount }>): Promise<AccountReport> {
    const { account_id: accountId } = params;
    const platform = this.catalogue.platform(params.platform);
    requireReach(caller, { platform: platform.name, accountId });
    const ref = readReference(given);
    const whose = chooseAccountOwner(caller, given.owner);
    const account =
      ref === undefined
        ? await this.accounts.store(platform, accountId, readTokens(given), caller.identity, whose)
        : await this.referring.store(platform, accountId, ref, caller.identity, whose);
    return reportAccount(account, this.catalogue);
  }

  /** Asks the platform now whether it accepts the credential. */
  @Route({
    method: 'POST',
    path: `${PATH}/verify`,
    tag: 'Accounts',
    summary: 'Ask the platform now whether it accepts the credential of an account',
    description:
      'An accepted credential makes the account `connected`, with the scopes that the platform ' +
      'names. An access token that is over is renewed. A refused credential makes it `reconnect`. ' +
      'When the platform gives no answer, `verification` is `unknown` and nothing changes.',
    needs: ['manage_accounts'],
    weight: 5,
    params: AccountPath,
    answers: { 200: json('The account after the answer of the platform', VERIFIED_ACCOUNT) },
  })
  async verifyAccount({ caller, params }: OneAccount): Promise<VerifiedAccount> {
    const { account_id: accountId } = params;
    const platform = this.catalogue.platform(params.platform);
    requireReach(caller, { platform: platform.name, accountId });
    if (!(await this.ownership.find(caller, platform.name, accountId)))
      return refuseUnknown(params);
    const verification = await this.verification.ask(platform, accountId);
    const account = await this.ownership.find(caller, platform.name, accountId);
    return account
      ? { ...reportAccount(account, this.catalogue), verification }
      : refuseUnknown(params);
  }

  @Route({
    method: 'DELETE',
    path: PATH,
    tag: 'Accounts',
    summary: 'Forget an account and its tokens, and end its grant at the platform',
    needs: ['manage_accounts'],
    params: AccountPath,
    answers: {
      204: empty('It is forgotten, also when the platform is away', GRANT_AT_PLATFORM),
    },
  })
  async removeAccount({ caller, params, reply }: OneAccount): Promise<void> {
    const { platform: name, account_id: accountId } = params;
    requireReach(caller, { platform: name, accountId });
    const platform = this.catalogue.find(name);
    if (!(await this.ownership.find(caller, name, accountId))) return refuseUnknown(params);
    const ended =
      platform && (await this.accounts.disconnect(platform, accountId, caller.identity));
    if (ended === undefined) return refuseUnknown(params);
    void reply.header('grant-at-platform', ended);
  }
}

function refuseUnknown({ platform, account_id: accountId }: AccountPath): never {
  throw refuse.notFound(`No ${platform} account ${accountId} is connected`);
}

/** The name in place of tokens, if it is one. @throws DoorRefusal for a name and tokens at once */
function readReference({ credential_ref: ref, ...given }: StoreAccount): string | undefined {
  if (ref === undefined) return undefined;
  const besides = TOKEN_FIELDS.filter((name) => given[name] !== undefined);
  if (besides.length === 0) return ref;
  throw refuse.malformed(
    `credential_ref stands in place of tokens: leave ${besides.join(', ')} out, or send tokens alone`,
  );
}

/** @throws DoorRefusal for none */
function readTokens(given: StoreAccount): AccountTokens {
  if (given.access_token === undefined)
    throw refuse.malformed('access_token is missing: send it, or a credential_ref in its place');
  return {
    accessToken: given.access_token,
    refreshToken: given.refresh_token,
    expiresIn: given.expires_in,
    scopes: given.scopes,
    login: given.login,
    client: readClient(given),
  };
}

/** @throws DoorRefusal for half a client */
function readClient({ client_id: id, client_secret: secret }: StoreAccount) {
  if (id !== undefined && secret !== undefined) return { id, secret };
  if (id === undefined && secret === undefined) return undefined;
  throw refuse.malformed('client_id and client_secret belong together: send both or neither');
}
