import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Put,
  Req,
  UseInterceptors,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Id, parseFields } from '../../actions/fields.js';
import { Accounts, type AccountView } from '../../accounts/accounts.js';
import { AuditInterceptor, openedCall } from '../../audit/audit.interceptor.js';
import { Catalogue } from '../../execution/catalogue.js';
import { Requires } from '../caller.guard.js';
import { requireReach } from '../caller-tokens.js';
import { StoreAccount } from '../contracts/bodies.js';
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
    private readonly catalogue: Catalogue,
  ) {}

  @Get()
  async list(@Req() request: FastifyRequest): Promise<{ accounts: AccountView[] }> {
    const { platforms, accounts } = openedCall(request).caller;
    const all = await this.accounts.list();
    return {
      accounts: all.filter(
        (account) =>
          (platforms?.has(account.platform) ?? true) && (accounts?.has(account.account_id) ?? true),
      ),
    };
  }

  @Get(':platform/:account_id')
  async show(
    @Param('platform') platform: string,
    @Param('account_id') accountId: string,
    @Req() request: FastifyRequest,
  ): Promise<AccountView> {
    requireReach(openedCall(request).caller, platform, accountId);
    const account = await this.accounts.find(platform, accountId);
    return account ?? this.#refuseUnknown(platform, accountId);
  }

  @Put(':platform/:account_id')
  async store(
    @Param('platform') platformName: string,
    @Param('account_id') accountId: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<AccountView> {
    const platform = this.catalogue.platform(platformName);
    const id = parseFields(AccountId, { account_id: accountId });
    if (!id.ok) throw refuse.malformed(`account_id ${id.violations[0]?.message}`);
    requireReach(openedCall(request).caller, platformName, accountId);
    const { access_token, refresh_token, expires_in, scopes, login } = parseBody(
      StoreAccount,
      body,
    );
    return this.accounts.store(platform, accountId, {
      accessToken: access_token,
      refreshToken: refresh_token,
      expiresIn: expires_in,
      scopes,
      login,
    });
  }

  @Delete(':platform/:account_id')
  @HttpCode(204)
  async remove(
    @Param('platform') platform: string,
    @Param('account_id') accountId: string,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    requireReach(openedCall(request).caller, platform, accountId);
    if (!(await this.accounts.remove(platform, accountId)))
      this.#refuseUnknown(platform, accountId);
  }

  #refuseUnknown(platform: string, accountId: string): never {
    throw refuse.notFound(`No ${platform} account ${accountId} is connected`);
  }
}
