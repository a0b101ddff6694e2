import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Put,
  Query,
  Req,
  Res,
  UseInterceptors,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Id, parseFields } from '../../actions/fields.js';
import { Accounts, type AccountTokens } from '../../accounts/accounts.js';
import { ReferringAccounts } from '../../accounts/referring-accounts.js';
import { Verification } from '../../accounts/verification.js';
import { AuditEvents, type HistoryPage } from '../../journal/audit-events.js';
import { AuditInterceptor, openedCall } from '../../journal/audit.interceptor.js';
import { Catalogue } from '../../execution/catalogue.js';
import { type AccountReport, reportAccount, type VerifiedAccount } from '../account-report.js';
import { Requires, Weighs } from '../caller.guard.js';
import { requireReach } from '../../callers/permissions.js';
import { HistoryQuery, StoreAccount } from '../contracts/bodies.js';
import { chooseAccountOwner, Ownership } from '../ownership.js';
import { refuse } from '../../actions/door-refusal.js';
import { parseBody } from './body.js';

class AccountId {
  @Id('Id of the account on its platform')
  account_id!: string;
}

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

/** Accounts, without their secrets. */
@Controller('api/v1/accounts')
@Requires('manage_accounts')
@UseInterceptors(AuditInterceptor)
export class AccountsController {
  constructor(
    private readonly accounts: Accounts,
    private readonly referring: ReferringAccounts,
    private readonly verification: Verification,
    private readonly events: AuditEvents,
    private readonly ownership: Ownership,
    private readonly catalogue: Catalogue,
  ) {}

  @Get()
  async list(@Req() request: FastifyRequest): Promise<{ accounts: AccountReport[] }> {
    const { caller } = openedCall(request);
    const all = await this.accounts.list();
    return {
      accounts: all
        .filter(({ platform, account_id, owner }) =>
          caller.reachesAccount({ platform, accountId: account_id, owner }),
        )
        .map((account) => reportAccount(account, this.catalogue)),
    };
  }

  @Get(':platform/:account_id')
  async show(
    @Param('platform') platform: string,
    @Param('account_id') accountId: string,
    @Req() request: FastifyRequest,
  ): Promise<AccountReport> {
    const { caller } = openedCall(request);
    requireReach(caller, { platform: platform, accountId: accountId });
    const account = await this.ownership.find(caller, platform, accountId);
    return account
      ? reportAccount(account, this.catalogue)
      : this.#refuseUnknown(platform, accountId);
  }

  /** Also of an account that was removed: its events stay. */
  @Get(':platform/:account_id/history')
  @Weighs(5)
  @Requires('manage_accounts', 'read_audit')
  async tellHistory(
    @Param('platform') platformName: string,
    @Param('account_id') accountId: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<HistoryPage> {
    const { name: platform } = this.catalogue.platform(platformName);
    requireId(accountId);
    const { caller } = openedCall(request);
    requireReach(caller, { platform: platform, accountId: accountId });
    const { owner } = caller;
    const { limit, before } = parseBody(HistoryQuery, query);
    const page = await this.events.list({ platform, accountId, owner, limit, before });
    if (!page) throw refuse.malformed('before is no cursor of this history');
    // Accounts that were stored before there were events have none.
    const isKnown =
      page.entries.length > 0 || (await this.ownership.find(caller, platform, accountId));
    return isKnown ? page : this.#refuseUnknown(platform, accountId);
  }

  @Put(':platform/:account_id')
  async store(
    @Param('platform') platformName: string,
    @Param('account_id') accountId: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<AccountReport> {
    const platform = this.catalogue.platform(platformName);
    requireId(accountId);
    const { caller } = openedCall(request);
    requireReach(caller, { platform: platformName, accountId: accountId });
    const given = parseBody(StoreAccount, body);
    const ref = readReference(given);
    const whose = chooseAccountOwner(caller, given.owner);
    const account =
      ref === undefined
        ? await this.accounts.store(platform, accountId, readTokens(given), caller.identity, whose)
        : await this.referring.store(platform, accountId, ref, caller.identity, whose);
    return reportAccount(account, this.catalogue);
  }

  /** Asks the platform now whether it accepts the credential. */
  @Post(':platform/:account_id/verify')
  @HttpCode(200)
  @Weighs(5)
  async verify(
    @Param('platform') platformName: string,
    @Param('account_id') accountId: string,
    @Req() request: FastifyRequest,
  ): Promise<VerifiedAccount> {
    const platform = this.catalogue.platform(platformName);
    requireId(accountId);
    const { caller } = openedCall(request);
    requireReach(caller, { platform: platformName, accountId });
    if (!(await this.ownership.find(caller, platformName, accountId)))
      return this.#refuseUnknown(platformName, accountId);
    const verification = await this.verification.ask(platform, accountId);
    const account = await this.ownership.find(caller, platformName, accountId);
    return account
      ? { ...reportAccount(account, this.catalogue), verification }
      : this.#refuseUnknown(platformName, accountId);
  }

  @Delete(':platform/:account_id')
  @HttpCode(204)
  async remove(
    @Param('platform') platformName: string,
    @Param('account_id') accountId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { caller } = openedCall(request);
    requireReach(caller, { platform: platformName, accountId: accountId });
    const platform = this.catalogue.find(platformName);
    if (!(await this.ownership.find(caller, platformName, accountId)))
      return this.#refuseUnknown(platformName, accountId);
    const ended =
      platform && (await this.accounts.disconnect(platform, accountId, caller.identity));
    if (ended === undefined) return this.#refuseUnknown(platformName, accountId);
    void reply.header('grant-at-platform', ended);
  }

  #refuseUnknown(platform: string, accountId: string): never {
    throw refuse.notFound(`No ${platform} account ${accountId} is connected`);
  }
}

/** @throws DoorRefusal for what no platform has as an id */
function requireId(accountId: string): void {
  const id = parseFields(AccountId, { account_id: accountId });
  if (!id.ok) throw refuse.malformed(`account_id ${id.violations[0]?.message}`);
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
