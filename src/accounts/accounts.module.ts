import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountRow } from '../database/account-row.js';
import { Accounts } from './accounts.js';
import { Tokens } from './tokens.js';
import { TokenValidation } from './validation.js';

/** Who we act as. */
@Module({
  imports: [TypeOrmModule.forFeature([AccountRow])],
  providers: [Accounts, Tokens, TokenValidation],
  exports: [Accounts, Tokens, TokenValidation],
})
export class AccountsModule {}
