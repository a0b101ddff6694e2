import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Accounts } from '../accounts/accounts.js';
import { AccountsModule } from '../accounts/accounts.module.js';
import { CredentialService } from '../accounts/credential-service.js';
import { Transport } from '../actions/wire.js';
import { JournalModule } from '../journal/journal.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { Reconciliation } from '../queue/reconciliation.js';
import { CONFIG, type Config } from '../config/config.js';
import { ActionNames } from '../callers/action-names.js';
import { CallersModule } from '../callers/callers.module.js';
import { AddressRests } from '../safeguards/address-rests.js';
import { SafeguardsModule } from '../safeguards/safeguards.module.js';
import { AccountUse } from './account-use.js';
import { Admission } from './admission.js';
import { CredentialReferences } from './credential-references.js';
import { Deferral } from './deferral.js';
import { Dispatcher } from './dispatcher.js';
import { Lifecycle } from './lifecycle.js';
import { Preparation } from './preparation.js';
import { Recipe } from './recipe.js';
import { Recording } from './recording.js';
import { AxiosTransport } from './axios-transport.js';
import { Breakers } from './breakers.js';
import { CallbackSender } from './callback-sender.js';
import { Catalogue } from './catalogue.js';
import { EgressGuard } from './egress.js';
import { Executor } from './executor.js';
import { HttpCredentialService } from './http-credential-service.js';
import { QueueRunner } from './queue-runner.js';
import { Reads } from './reads.js';
import { Repeats } from './repeats.js';
import { UndiciTransport } from './undici-transport.js';
import { SignedPost } from './signed-post.js';
import { UnverifiedAccounts } from './unverified-accounts.js';
import { UpstreamConnector } from './upstream-connector.js';
import { ClusterModule } from '../cluster/cluster.module.js';

/** The transports to the platforms and to the credential service, also for rooms that execution imports. */
@Global()
@Module({
  providers: [
    Breakers,
    {
      provide: Transport,
      inject: [CONFIG],
      useFactory: ({ proxies }: Config) => new AxiosTransport({}, proxies),
    },
    { provide: CredentialService, useClass: HttpCredentialService },
  ],
  exports: [Breakers, CredentialService, Transport],
})
class TransportModule {}

/** The catalogue, also for rooms that know only the names of actions. */
@Global()
@Module({
  imports: [DiscoveryModule, SafeguardsModule],
  providers: [Catalogue, { provide: ActionNames, useExisting: Catalogue }],
  exports: [Catalogue, ActionNames],
})
class CatalogueModule {}

/** The executor with its recipe, its queue runner and its upstream sessions. */
@Module({
  imports: [
    CatalogueModule,
    CallersModule,
    ClusterModule,
    AccountsModule,
    SafeguardsModule,
    JournalModule,
    QueueModule,
    TransportModule,
  ],
  providers: [
    CallbackSender,
    AccountUse,
    Admission,
    CredentialReferences,
    Deferral,
    Dispatcher,
    Executor,
    Lifecycle,
    Preparation,
    Recipe,
    Recording,
    UpstreamConnector,
    QueueRunner,
    Reads,
    Repeats,
    UndiciTransport,
    UnverifiedAccounts,
    SignedPost,
    {
      provide: EgressGuard,
      inject: [CONFIG],
      // In the sandbox nothing is fetched from outside of the machine: the sandbox serves files itself.
      useFactory: ({ sandboxUrl, platforms, production, proxies, callbackReceivers }: Config) =>
        new EgressGuard(
          sandboxUrl !== undefined
            ? {
                onlyOrigins: [
                  sandboxUrl,
                  ...platforms
                    .filter(({ declaration }) => declaration.sandbox)
                    .map(({ settings }) => new URL(settings.apiUrl).origin),
                ],
                allowLoopbackPosts: !production,
                exampleFiles: new URL('/sandbox/files/generated.mp4', sandboxUrl),
              }
            : { receivers: callbackReceivers, ...(proxies && { proxies }) },
        ),
    },
  ],
  exports: [CatalogueModule, EgressGuard, Executor, Repeats, SignedPost],
})
export class ExecutionModule {
  constructor(
    rests: AddressRests,
    breakers: Breakers,
    reconciliation: Reconciliation,
    accounts: Accounts,
  ) {
    rests.attach(breakers);
    reconciliation.onLostPast(() => accounts.restoreRenewals());
  }
}
