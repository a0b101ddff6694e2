import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
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
import { CallerGuard } from './caller.guard.js';
import { DoorFilter } from './door.filter.js';
import { DirectCalls } from './grpc/direct-calls.js';
import { Entrance } from './entrance.js';
import { Gauges } from './gauges.js';
import { GrpcController } from './grpc/grpc.controller.js';
import { MediaCallers } from './media/media-callers.js';
import { MediaController } from './media/media.controller.js';
import { ToolkitController } from './media/toolkit.controller.js';
import { Ownership } from './ownership.js';
import { PageCursors } from './page-cursors.js';
import { EarlierCallers } from './predecessors/earlier-callers.js';
import { PredecessorEngine } from './predecessors/engine.js';
import { makeGrpcController } from './predecessors/grpc-services.js';
import { PREDECESSORS } from './predecessors/predecessors.js';
import { makeRestController } from './predecessors/rest-routes.js';
import { TokensDoorController } from './predecessors/tokens-door.controller.js';
import { YouTubeOAuthController } from './predecessors/youtube-oauth.controller.js';
import { CallersRoutesController } from './predecessors/callers-routes.controller.js';
import { TokensController } from './predecessors/tokens.controller.js';
import { TwitchPredecessorController } from './predecessors/twitch.controller.js';
import { TwitchForm } from './predecessors/twitch-form.js';
import { AccountsController } from './rest/accounts.controller.js';
import { ActionsController } from './rest/actions.controller.js';
import { AuditController } from './rest/audit.controller.js';
import { AuthController } from './rest/auth.controller.js';
import { BatchesController } from './rest/batches.controller.js';
import { CallbacksController } from './rest/callbacks.controller.js';
import { CallersController } from './rest/callers.controller.js';
import { CatalogController } from './rest/catalog.controller.js';
import { CredentialsController } from './rest/credentials.controller.js';
import { DirectRoutes } from './rest/direct-routes.js';
import { DocsController } from './rest/docs.controller.js';
import { FlagsController } from './rest/flags.controller.js';
import { HealthController } from './rest/health.controller.js';
import { LimitsController } from './rest/limits.controller.js';
import { MetricsController } from './rest/metrics.controller.js';
import { OAuthController } from './rest/oauth.controller.js';
import { PlatformCredentialsController } from './rest/platform-credentials.controller.js';
import { StatsController } from './rest/stats.controller.js';
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
  controllers: [
    GrpcController,
    ActionsController,
    BatchesController,
    CallbacksController,
    AuthController,
    CatalogController,
    AccountsController,
    TokensController,
    CredentialsController,
    PlatformCredentialsController,
    TokensDoorController,
    YouTubeOAuthController,
    CallersRoutesController,
    TwitchPredecessorController,
    ...[PREDECESSORS.discord, PREDECESSORS.youtube].flatMap((predecessor) => [
      makeRestController(predecessor),
      makeGrpcController(predecessor),
    ]),
    OAuthController,
    FlagsController,
    AuditController,
    CallersController,
    StatsController,
    LimitsController,
    HealthController,
    MetricsController,
    DocsController,
    MediaController,
    ToolkitController,
  ],
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
    CallerGuard,
    { provide: APP_GUARD, useExisting: CallerGuard },
    DirectCalls,
    DirectRoutes,
    DoorFilter,
    { provide: APP_FILTER, useExisting: DoorFilter },
  ],
})
export class GatewayModule {}
