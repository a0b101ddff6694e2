import type { Type } from '@nestjs/common';
import { GrpcController } from './grpc/grpc.controller.js';
import { MediaController } from './media/media.controller.js';
import { ToolkitController } from './media/toolkit.controller.js';
import { makeGrpcController } from '../predecessors/grpc-services.js';
import { PREDECESSORS } from '../predecessors/predecessors.js';
import { makeRestController } from '../predecessors/rest-routes.js';
import { TokensDoorController } from '../predecessors/tokens-door.controller.js';
import { YouTubeOAuthController } from '../predecessors/youtube-oauth.controller.js';
import { CallersRoutesController } from '../predecessors/callers-routes.controller.js';
import { TokensController } from '../predecessors/tokens.controller.js';
import { TwitchPredecessorController } from '../predecessors/twitch.controller.js';
import { AccountsController } from './rest/accounts.controller.js';
import { ActionsController } from './rest/actions.controller.js';
import { AuditController } from './rest/audit.controller.js';
import { AuthController } from './rest/auth.controller.js';
import { BatchesController } from './rest/batches.controller.js';
import { CallbacksController } from './rest/callbacks.controller.js';
import { CallersController } from './rest/callers.controller.js';
import { CatalogController } from './rest/catalog.controller.js';
import { CredentialsController } from './rest/credentials.controller.js';
import { DocsController } from './rest/docs.controller.js';
import { FlagsController } from './rest/flags.controller.js';
import { HealthController } from './rest/health.controller.js';
import { LimitsController } from './rest/limits.controller.js';
import { MetricsController } from './rest/metrics.controller.js';
import { OAuthController } from './rest/oauth.controller.js';
import { PlatformCredentialsController } from './rest/platform-credentials.controller.js';
import { StatsController } from './rest/stats.controller.js';

/** Every controller of the doors; a new one needs its line here. */
export const CONTROLLERS: readonly Type[] = [
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
];
