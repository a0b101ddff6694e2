import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Put,
  Query,
  Req,
  Res,
  UseInterceptors,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Id, parseFields } from '../../actions/fields.js';
import { Accounts } from '../../accounts/accounts.js';
import { AuditEvents, type HistoryPage } from '../../audit/audit-events.js';
import { AuditInterceptor, openedCall } from '../../audit/audit.interceptor.js';
import { Catalogue } from '../../execution/catalogue.js';
import { type AccountReport, reportAccount } from '../account-report.js';
import { Requires } from '../caller.guard.js';
import { requireReach } from '../caller-tokens.js';
import { HistoryQuery, StoreAccount } from '../contracts/bodies.js';
import { chooseOwner, isOwn, Ownership } from '../ownership.js';
import { refuse } from '../refusal.js';
import { parseBody } from './body.js';

class AccountId {
  @Id('Id of the account on its platform')
  account_id!: string;
}

/** Accounts, without their secrets. */
@Controller('api/v1/accounts')
@Requires('manage_accounts')
@UseInterceptors(AuditInterceptor)
export class AccountsController {
  constructor(
    private readonly accounts: Accounts,
    private readonly events: AuditEvents,
    private readonly ownership: Ownership,
    private readonly catalogue: Catalogue,
  ) {}

  @Get()
  async list(@Req() request: FastifyRequest): Promise<{ accounts: AccountReport[] }> {
    const { caller } = openedCall(request);
    const { platforms, accounts } = caller;
    const all = await this.accounts.list();
    return {
      accounts: all
        .filter(
          (account) =>
            isOwn(caller, account) &&
            (platforms?.has(account.platform) ?? true) &&
            (accounts?.has(account.account_id) ?? true),
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
    requireReach(caller, platform, accountId);
    const account = await this.ownership.find(caller, platform, accountId);
    return account
      ? reportAccount(account, this.catalogue)
      : this.#refuseUnknown(platform, accountId);
  }

  /** Also of an account that was removed: its events stay. */
  @Get(':platform/:account_id/history')
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
    requireReach(caller, platform, accountId);
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
    requireReach(caller, platformName, accountId);
    const tokens = parseBody(StoreAccount, body);
    const given = {
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
      expiresIn: tokens.expires_in,
      scopes: tokens.scopes,
      login: tokens.login,
      client: readClient(tokens),
    };
    const account = await this.accounts.store(
      platform,
      accountId,
      given,
      caller.id,
      chooseOwner(caller, tokens.owner),
    );
    return reportAccount(account, this.catalogue);
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
    requireReach(caller, platformName, accountId);
    const platform = this.catalogue.find(platformName);
    if (!(await this.ownership.find(caller, platformName, accountId)))
      return this.#refuseUnknown(platformName, accountId);
    const ended = platform && (await this.accounts.disconnect(platform, accountId, caller.id));
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

/** @throws DoorRefusal for half a client */
function readClient({ client_id: id, client_secret: secret }: StoreAccount) {
  if (id !== undefined && secret !== undefined) return { id, secret };
  if (id === undefined && secret === undefined) return undefined;
  throw refuse.malformed('client_id and client_secret belong together: send both or neither');
}
