import type { Type } from '@nestjs/common';
import type { DialectDeclaration } from './door/dialect.js';
import { GrpcController } from './grpc/grpc.controller.js';
import { AccountsController } from './rest/accounts.controller.js';
import { ActionPagesController } from './rest/action-pages.controller.js';
import { ActionsController } from './rest/actions.controller.js';
import { ManyActionsController } from './rest/many-actions.controller.js';
import { QueueController } from './rest/queue.controller.js';
import { ReplicasController } from './rest/replicas.controller.js';
import { InvitationsController } from './rest/invitations.controller.js';
import { SandboxController } from './rest/sandbox.controller.js';
import { StreamController } from './rest/stream.controller.js';
import { ConnectLinksController } from './rest/connect-links.controller.js';
import { ReadsController } from './rest/reads.controller.js';
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
import { SessionController } from './rest/session.controller.js';
import { OpenIdController } from './rest/openid.controller.js';
import { PlatformsController } from './rest/platforms.controller.js';
import { WhoAmIController } from './rest/whoami.controller.js';
import { StatsController } from './rest/stats.controller.js';

/** The controllers of our own routes and methods; a new one needs its line here. */
const CONTROLLERS: readonly Type[] = [
  GrpcController,
  ActionsController,
  ManyActionsController,
  StreamController,
  ReadsController,
  BatchesController,
  QueueController,
  CallbacksController,
  AuthController,
  SessionController,
  OpenIdController,
  WhoAmIController,
  CatalogController,
  PlatformsController,
  AccountsController,
  CredentialsController,
  PlatformCredentialsController,
  OAuthController,
  ConnectLinksController,
  InvitationsController,
  FlagsController,
  AuditController,
  CallersController,
  StatsController,
  ReplicasController,
  LimitsController,
  SandboxController,
  HealthController,
  MetricsController,
  DocsController,
  ActionPagesController,
];

/** Every controller of the doors: our own, and those of dialects. */
export function listControllers(dialects: readonly DialectDeclaration[]): readonly Type[] {
  return [...CONTROLLERS, ...dialects.flatMap(({ controllers }) => controllers)];
}
