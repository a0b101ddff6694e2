import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountRow } from '../database/account-row.js';
import { AccountMemory } from './account-memory.js';
import { Accounts } from './accounts.js';
import { Connections } from './connections.js';
import { ConsentStates } from './consent-states.js';
import { Invitations } from './invitations.js';
import { Tokens } from './tokens.js';
import { TokenValidation } from './validation.js';

/** Who we act as. */
@Module({
  imports: [TypeOrmModule.forFeature([AccountRow])],
  providers: [
    Accounts,
    AccountMemory,
    Connections,
    ConsentStates,
    Invitations,
    Tokens,
    TokenValidation,
  ],
  exports: [Accounts, AccountMemory, Connections, Invitations, Tokens, TokenValidation],
})
export class AccountsModule {}
