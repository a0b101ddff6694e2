import 'reflect-metadata';
import type { Server as HttpsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import rateLimit from '@fastify/rate-limit';
import type { Server } from '@grpc/grpc-js';
import type { Type } from '@nestjs/common';
import { ApplicationConfig, ModuleRef, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { Accounts } from './accounts/accounts.js';
import { AppModule, loadDialects, loadPlatforms } from './app.module.js';
import { CallerTokens } from './callers/caller-tokens.js';
import { Sessions } from './callers/sessions.js';
import type { Config } from './config/config.js';
import { StartFault } from './config/start-fault.js';
import { Database } from './database/database.js';
import { requireKeys } from './database/key-canaries.js';
import type { PooledDataSource } from './database/pooled-data-source.js';
import { Vault } from './database/vault.js';
import { Catalogue } from './execution/catalogue.js';
import { Executor } from './execution/executor.js';
import { Certificates } from './doors/certificates.js';
import { listControllers } from './doors/controllers.js';
import { Door } from './doors/door/door.js';
import { Dialects } from './doors/door/dialects.js';
import { requireHonouredMetadata } from './doors/door/honoured-metadata.js';
import { type Route, ROUTES } from './doors/door/route.js';
import { listRpcs } from './doors/door/rpc.js';
import { serveRoutes } from './doors/door/serve-routes.js';
import { serveRpcs } from './doors/door/serve-rpcs.js';
import { CallerAuthentication } from './doors/caller-authentication.js';
import { CallBounds } from './doors/grpc/call-bounds.js';
import { HealthWatches } from './doors/grpc/health-watches.js';
import { describeGrpcServer, forceShutdown, tuneConnections } from './doors/grpc/server.js';
import { type OldPorts, openOldPorts } from './predecessors/open-old-ports.js';
import { refuseNullInUrls } from './doors/rest/address-check.js';
import { refuseOtherMethods } from './doors/rest/allowed-methods.js';
import { readJsonBodies } from './doors/rest/body.js';
import { serveConsole } from './doors/rest/console.js';
import { addSecurityHeaders } from './doors/rest/security-headers.js';
import { readForms } from './doors/rest/form.js';
import { addRateLimitHeaders } from './doors/rest/rate-limit-headers.js';
import { readTokenForms } from './doors/mcp/token-form.js';
import { describeRestServer, guardRestServer } from './doors/rest/server.js';
import { WrongCredentials } from './doors/wrong-credentials.js';
import { PinoLogger } from './observability/pino-logger.js';
import { Readiness } from './observability/readiness.js';
import { startTracing } from './observability/traces.js';
import { CallerBudgets } from './safeguards/caller-budgets.js';
import { ProcessBounds } from './safeguards/process-bounds.js';
import { SEALED_COLUMNS } from './sealed-columns.js';
import type { Closers } from './start/closers.js';
import {
  describeAddresses,
  describeRealStart,
  listPlatformStates,
  nameStates,
} from './start/describe-start.js';
import type { SandboxMode } from './start/enter-sandbox.js';
import { openStore } from './start/open-store.js';
import { openPort, type ReservedPort, reservePort } from './start/ports.js';
import { noteRunningGateway } from './start/running-note.js';

/** A gateway that serves. */
export interface House {
  /** As it is in force: with the ports that were opened and, in the sandbox, its addresses. */
  readonly config: Config;
  /** What to tell a person at a terminal: where the doors are and what to try. */
  readonly greeting: string;
}

interface Ports {
  readonly rest: ReservedPort;
  readonly grpc: ReservedPort;
}

interface DoorCertificates {
  readonly rest?: Certificates;
  readonly grpc?: Certificates;
}

/** The application with what its doors need; not listening yet. */
interface Application {
  readonly app: NestFastifyApplication;
  /** Set once Nest has made it, when the doors open. */
  grpcServer?: Server;
  /** gRPC health watches, which keep a server from ending. */
  readonly watches: HealthWatches;
  readonly callBounds: CallBounds;
  /** The ports of the earlier services, once they are open. */
  oldPorts?: OldPorts;
}

const SANDBOX_IN_PRODUCTION =
  'SANDBOX=true: the platforms are simulated. Get a token with POST /api/v1/auth/token and a key of MODULE_SECRET_KEY';

/**
 * Opens a gateway in stages: traces, certificates, database, sandbox, ports, application, doors, accounts.
 * A stage that fails closes the stages before it.
 * @param closers closes the gateway: stops serving, finishes what has begun, and closes every stage in the
 *   reverse order. It may be closed while the gateway still opens
 * @throws StartFault what an operator can mend
 */
export async function openHouse(given: Config, logger: Logger, closers: Closers): Promise<House> {
  const log = (line: string): void => logger.info(line);
  for (const note of given.notes) logger.warn(note);
  try {
    closers.add(await startTracing(given));
    const certificates = openCertificates(given, log);
    const store = await openStore(given, given.DATABASE_POOL_MAX, closers, log);
    await requireKeys(store.dataSource, new Vault(given.encryptionKeys), SEALED_COLUMNS);
    const sandbox = await openSandbox(given, store.url, closers, log);
    const simulated = sandbox?.config ?? given;
    const ports = await reservePorts(simulated, closers);
    const config: Config = {
      ...simulated,
      REST_PORT: ports.rest.port,
      GRPC_PORT: ports.grpc.port,
    };
    const application = await buildApplication(config, store.dataSource, certificates, logger);
    // TypeORM's module destroys the pool when the application closes.
    store.handOver();
    closers.add(() => closeApplication(config, application, logger));
    await openDoors(config, application, ports, certificates);
    await connectSandbox(sandbox, config, application.app);
    application.app.get(Readiness).set('open');
    closers.add(await noteRunningGateway(config));
    const greeting = await announce(config, application.app, logger);
    return { config, greeting };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

/** The certificates of the doors that speak TLS. @throws ConfigError naming a file that cannot be used */
function openCertificates({ tls }: Config, log: (line: string) => void): DoorCertificates {
  return {
    ...(tls.rest && { rest: new Certificates('REST', tls.rest, log) }),
    ...(tls.grpc && { grpc: new Certificates('GRPC', tls.grpc, log) }),
  };
}

/** Enters the sandbox if it is configured. Its code is loaded only then, because it takes memory. */
async function openSandbox(
  config: Config,
  databaseUrl: string,
  closers: Closers,
  log: (line: string) => void,
): Promise<SandboxMode | undefined> {
  if (!config.sandbox) return undefined;
  const { enterSandbox } = await import('./start/enter-sandbox.js');
  const sandbox = await enterSandbox(config, databaseUrl, log);
  closers.add(() => sandbox.close());
  return sandbox;
}

/** Holds both ports until the doors open, so that a port in use stops the start early. @throws StartFault */
async function reservePorts(config: Config, closers: Closers): Promise<Ports> {
  const rest = await reservePort(config.HOST, config.REST_PORT);
  closers.add(() => rest.release());
  const grpc = await reservePort(config.HOST, config.GRPC_PORT);
  closers.add(() => grpc.release());
  return { rest, grpc };
}

async function buildApplication(
  config: Config,
  dataSource: PooledDataSource,
  certificates: DoorCertificates,
  logger: Logger,
): Promise<Application> {
  const dialects = await loadDialects(config);
  const controllers = listControllers(dialects);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(config, dataSource, await loadPlatforms(config), dialects),
    new FastifyAdapter(describeRestServer(config, certificates.rest)),
    { logger: new PinoLogger(logger), bodyParser: false, abortOnError: false },
  );
  const rpcs = listRpcs(controllers);
  app.get(Dialects).requireRegistered([...app.get<readonly Route[]>(ROUTES), ...rpcs]);
  await prepareRest(app, config, controllers, certificates.rest);
  const watches = new HealthWatches();
  const callBounds = new CallBounds(app.get(ProcessBounds), config.REST_BODY_TIMEOUT * 1_000);
  const application: Application = { app, watches, callBounds };
  app.connectMicroservice(
    describeGrpcServer(
      config,
      config.GRPC_PORT,
      {
        readiness: app.get(Readiness),
        watches,
        authentication: {
          authentication: app.get(CallerAuthentication),
          dialects: app.get(Dialects),
          callBounds,
          wrongCredentials: app.get(WrongCredentials),
        },
        serve: (server) => serveRpcs(server, rpcs, app.get(ModuleRef), app.get(Door)),
        certificates: certificates.grpc,
      },
      (server) => {
        application.grpcServer = server;
      },
    ),
  );
  return application;
}

async function prepareRest(
  app: NestFastifyApplication,
  config: Config,
  controllers: readonly Type[],
  certificates: Certificates | undefined,
): Promise<void> {
  const rest = app.getHttpAdapter().getInstance();
  addSecurityHeaders(rest);
  addRateLimitHeaders(rest, app.get(CallerBudgets));
  await app.register(rateLimit, { global: false });
  guardRestServer(
    rest,
    config,
    app.get(CallerAuthentication),
    app.get(Dialects),
    app.get(ProcessBounds),
  );
  certificates?.keepNew(app.getHttpServer() as HttpsServer);
  refuseNullInUrls(rest);
  refuseOtherMethods(rest);
  readJsonBodies(rest);
  readForms(rest);
  readTokenForms(rest);
  requireHonouredMetadata(controllers, app.get(ApplicationConfig));
  // Files, not operations: from the next line on, a route without a declaration is refused.
  serveConsole(rest, config);
  serveRoutes(rest, app.get<readonly Route[]>(ROUTES), app.get(ModuleRef), app.get(Door));
  const readiness = app.get(Readiness);
  // A client that keeps its connection to a stopping replica has to open one to another replica.
  rest.addHook('onRequest', (_request, reply, done) => {
    if (readiness.state === 'stopping') void reply.header('connection', 'close');
    done();
  });
}

async function openDoors(
  config: Config,
  application: Application,
  ports: Ports,
  certificates: DoorCertificates,
): Promise<void> {
  const { app } = application;
  await ports.grpc.release();
  const grpcDoor = { setting: 'GRPC_PORT', port: config.GRPC_PORT };
  await openPort(grpcDoor, () => app.startAllMicroservices());
  await ports.rest.release();
  const restDoor = { setting: 'REST_PORT', port: config.REST_PORT };
  await openPort(restDoor, () => app.listen(config.REST_PORT, config.HOST));
  const { grpcServer } = application;
  if (!grpcServer) throw new Error('Nest has started no gRPC server');
  application.oldPorts = await openPredecessorPorts(config, app, grpcServer, certificates.grpc);
  tuneConnections(grpcServer, config.MAX_CONNECTIONS);
}

/** @throws StartFault if one of the ports cannot be opened */
async function openPredecessorPorts(
  config: Config,
  app: NestFastifyApplication,
  grpc: Server,
  certificates: Certificates | undefined,
): Promise<OldPorts | undefined> {
  if (config.oldPorts.length === 0) return undefined;
  try {
    const credentials = certificates?.makeGrpcCredentials();
    return await openOldPorts(config, { http: app.getHttpServer(), grpc, credentials });
  } catch (error) {
    throw new StartFault(
      `PREDECESSOR_PORTS: ${(error as Error).message}: stop the program that listens there, or name other ports`,
      { cause: error },
    );
  }
}

async function connectSandbox(
  sandbox: SandboxMode | undefined,
  config: Config,
  app: NestFastifyApplication,
): Promise<void> {
  await sandbox?.connectAccounts({
    config,
    catalogue: app.get(Catalogue),
    accounts: app.get(Accounts),
    database: app.get(Database),
    vault: app.get(Vault),
  });
}

/** Lets load balancers notice, finishes what has begun within SHUTDOWN_GRACE, and cuts what is left. */
async function closeApplication(
  config: Config,
  { app, grpcServer, watches, callBounds, oldPorts }: Application,
  logger: Logger,
): Promise<void> {
  const readiness = app.get(Readiness);
  const wasOpen = readiness.state === 'open';
  readiness.set('stopping');
  if (wasOpen && config.SHUTDOWN_DELAY > 0) await sleep(config.SHUTDOWN_DELAY * 1_000);
  watches.end();
  // At once: hooks that run before those of the executor may take a while.
  app.get(Executor).stopTaking();
  // GOAWAY first: new calls go to other replicas while open ones are finished.
  grpcServer?.tryShutdown(() => undefined);
  // An open call would keep a server waiting without bound.
  const force = setTimeout(
    () => {
      logger.warn('SHUTDOWN_GRACE is over: cutting the connections that are still open');
      if (grpcServer) forceShutdown(grpcServer);
      app.getHttpServer().closeAllConnections();
    },
    (config.SHUTDOWN_GRACE + 1) * 1_000,
  );
  const oldPortsClosed = oldPorts?.close();
  await app.close();
  await oldPortsClosed;
  callBounds.close();
  clearTimeout(force);
}

/**
 * Logs that the gateway serves, as the last step: what fails before it ends the start.
 * @returns the text for a person at the terminal
 */
async function announce(
  config: Config,
  app: NestFastifyApplication,
  logger: Logger,
): Promise<string> {
  const { production, sandbox } = config;
  const accounts = sandbox ? [] : await app.get(Accounts).list();
  const platforms = listPlatformStates(app.get(Catalogue).platforms, accounts);
  // The output of a service is its log: no text for people, and no token.
  const greeting = production ? '' : await greet(config, app, platforms);
  logger.info(
    {
      rest_port: config.REST_PORT,
      grpc_port: config.GRPC_PORT,
      sandbox,
      addresses: describeAddresses(config),
      ...(!sandbox && { platforms: nameStates(platforms) }),
      ms: Math.round(performance.now()),
    },
    'ready',
  );
  if (production && sandbox) logger.warn(SANDBOX_IN_PRODUCTION);
  return greeting;
}

async function greet(
  config: Config,
  app: NestFastifyApplication,
  platforms: ReturnType<typeof listPlatformStates>,
): Promise<string> {
  const sessions = app.get(Sessions);
  if (!config.sandbox)
    return describeRealStart(config, platforms, await sessions.makeCode('console'));
  const { describeFirstSteps } = await import('./start/first-steps.js');
  return describeFirstSteps(config, app.get(CallerTokens), await sessions.makeCode('first-steps'));
}
