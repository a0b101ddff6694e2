import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { AccountsModule } from '../accounts/accounts.module.js';
import { JournalModule } from '../journal/journal.module.js';
import { ClusterModule } from '../cluster/cluster.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { ExecutionModule } from '../execution/execution.module.js';
import { SafeguardsModule } from '../safeguards/safeguards.module.js';
import { ActionReader } from './action-reader.js';
import { ActionWatches } from './action-watches.js';
import { ManyActions } from './many-actions.js';
import { Batches } from './batch.js';
import { CallersModule } from '../callers/callers.module.js';
import { DoorFilter } from './door/door.filter.js';
import { Refusals } from './door/refusals.js';
import { ConnectCookie } from './connect-cookie.js';
import { SessionCookies } from './session-cookies.js';
import { CallerAuthentication } from './caller-authentication.js';
import { Gauges } from './gauges.js';
import { AccountDirectory } from './account-directory.js';
import { Consents } from './consents.js';
import { ReturnAddresses } from './return-addresses.js';
import { AccountAccess } from './account-access.js';
import { PageCursors } from './page-cursors.js';
import { Door } from './door/door.js';
import { listRoutes, ROUTES } from './door/route.js';
import { listControllers } from './controllers.js';
import type { DialectDeclaration } from './door/dialect.js';
import { provideDialects } from './door/dialects.js';
import { TokenBudget, TokenIssuer } from '../callers/token-issuer.js';
import { CallerBudgets } from '../safeguards/caller-budgets.js';
import { RefusedRequests } from './refused-requests.js';
import { WrongCredentials } from './wrong-credentials.js';

/** The doors, with the dialects that they speak. */
@Module({})
export class DoorsModule {
  static register(dialects: readonly DialectDeclaration[]): DynamicModule {
    const controllers = [...listControllers(dialects)];
    return {
      module: DoorsModule,
      imports: [
        CallersModule,
        ClusterModule,
        ExecutionModule,
        AccountsModule,
        JournalModule,
        QueueModule,
        SafeguardsModule,
        TerminusModule.forRoot({ logger: false }),
        ...dialects.flatMap(({ imports = [] }) => imports),
      ],
      controllers,
      providers: [
        SessionCookies,
        ConnectCookie,
        CallerAuthentication,
        TokenIssuer,
        { provide: TokenBudget, useExisting: CallerBudgets },
        RefusedRequests,
        WrongCredentials,
        ActionReader,
        ActionWatches,
        AccountAccess,
        AccountDirectory,
        Consents,
        ReturnAddresses,
        PageCursors,
        Batches,
        ManyActions,
        Gauges,
        Door,
        Refusals,
        ...dialects.flatMap(({ providers = [] }) => providers),
        ...provideDialects(dialects),
        { provide: ROUTES, useFactory: () => listRoutes(controllers) },
        { provide: APP_FILTER, useClass: DoorFilter },
      ],
    };
  }
}
