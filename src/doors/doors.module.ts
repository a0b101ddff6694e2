import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { AccountsModule } from '../accounts/accounts.module.js';
import { JournalModule } from '../journal/journal.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { ExecutionModule } from '../execution/execution.module.js';
import { MediaModule } from '../media/media.module.js';
import { SafeguardsModule } from '../safeguards/safeguards.module.js';
import { ActionReader } from './action-reader.js';
import { Batches } from './batch.js';
import { CallersModule } from '../callers/callers.module.js';
import { DoorFilter } from './door/door.filter.js';
import { Refusals } from './door/refusals.js';
import { Entrance } from './entrance.js';
import { Gauges } from './gauges.js';
import { MediaCallers } from './media/media-callers.js';
import { Ownership } from './ownership.js';
import { PageCursors } from './page-cursors.js';
import { EarlierCallers } from '../predecessors/earlier-callers.js';
import { PredecessorEngine } from '../predecessors/engine.js';
import { TwitchForm } from '../predecessors/twitch-form.js';
import { Door } from './door/door.js';
import { listRoutes, ROUTES } from './door/route.js';
import { CONTROLLERS } from './controllers.js';
import { TokenBudget, TokenDoor } from '../callers/token-door.js';
import { CallerBudgets } from '../safeguards/caller-budgets.js';
import { RefusedRequests } from './refused-requests.js';
import { WrongCredentials } from './wrong-credentials.js';

/** The doors. */
@Module({
  imports: [
    CallersModule,
    ExecutionModule,
    AccountsModule,
    JournalModule,
    QueueModule,
    SafeguardsModule,
    MediaModule,
    TerminusModule.forRoot({ logger: false }),
  ],
  controllers: [...CONTROLLERS],
  providers: [
    Entrance,
    TokenDoor,
    { provide: TokenBudget, useExisting: CallerBudgets },
    RefusedRequests,
    WrongCredentials,
    EarlierCallers,
    PredecessorEngine,
    TwitchForm,
    MediaCallers,
    ActionReader,
    Ownership,
    PageCursors,
    Batches,
    Gauges,
    Door,
    Refusals,
    { provide: ROUTES, useFactory: () => listRoutes(CONTROLLERS) },
    { provide: APP_FILTER, useClass: DoorFilter },
  ],
})
export class DoorsModule {}
