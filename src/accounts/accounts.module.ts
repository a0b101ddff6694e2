import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CallersModule } from '../callers/callers.module.js';
import { AccountRow } from '../database/account-row.js';
import { AccountMemory } from './account-memory.js';
import { AccountRecords } from './account-records.js';
import { Accounts } from './accounts.js';
import { AppTokens } from './app-tokens.js';
import { ConnectLinks } from './connect-links.js';
import { Connections } from './connections.js';
import { ConsentStates } from './consent-states.js';
import { CredentialReferences } from './credential-references.js';
import { Invitations } from './invitations.js';
import { ReferringAccounts } from './referring-accounts.js';
import { Renewal } from './renewal.js';
import { ResolvedCredentials } from './resolved-credentials.js';
import { Tokens } from './tokens.js';
import { TokenValidation } from './validation.js';
import { Verification } from './verification.js';
import { ClusterModule } from '../cluster/cluster.module.js';

/** Who we act as. */
@Module({
  imports: [CallersModule, ClusterModule, TypeOrmModule.forFeature([AccountRow])],
  providers: [
    Accounts,
    AccountMemory,
    AccountRecords,
    AppTokens,
    Connections,
    ConnectLinks,
    ConsentStates,
    CredentialReferences,
    Invitations,
    ReferringAccounts,
    Renewal,
    ResolvedCredentials,
    Tokens,
    TokenValidation,
    Verification,
  ],
  exports: [
    Accounts,
    AccountMemory,
    AccountRecords,
    Connections,
    ConnectLinks,
    CredentialReferences,
    Invitations,
    ReferringAccounts,
    Tokens,
    TokenValidation,
    Verification,
  ],
})
export class AccountsModule {}
