import 'reflect-metadata';
import type { Server as HttpsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import rateLimit from '@fastify/rate-limit';
import type { Server } from '@grpc/grpc-js';
import { ApplicationConfig, ModuleRef, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { Accounts } from './accounts/accounts.js';
import { AppModule } from './app.module.js';
import { type Config, readEnvFile } from './config/config.js';
import { startEmbeddedPostgres } from './database/embedded-postgres.js';
import { StartFault } from './config/start-fault.js';
import { requireKeys } from './database/key-canaries.js';
import { openDatabase } from './database/open-database.js';
import { Database } from './database/database.js';
import { Vault } from './database/vault.js';
import { Catalogue } from './execution/catalogue.js';
import { CallerTokens } from './callers/caller-tokens.js';
import { Certificates } from './gateway/certificates.js';
import { CONTROLLERS } from './gateway/controllers.js';
import { Entrance } from './gateway/entrance.js';
import { CallBounds } from './gateway/grpc/call-bounds.js';
import { HealthWatches } from './gateway/grpc/health-watches.js';
import { describeGrpcServer, forceShutdown, tuneConnections } from './gateway/grpc/server.js';
import { EarlierCallers } from './gateway/predecessors/earlier-callers.js';
import { type OldPorts, openOldPorts } from './gateway/predecessors/open-old-ports.js';
import { refuseNullInAddresses } from './gateway/rest/address-check.js';
import { refuseOtherMethods } from './gateway/rest/allowed-methods.js';
import { readJsonBodies } from './gateway/rest/body.js';
import { keepBrowsersInCheck } from './gateway/rest/browser-headers.js';
import { Door } from './gateway/door/door.js';
import { requireHonouredMetadata } from './gateway/door/honoured-metadata.js';
import { type Route, ROUTES } from './gateway/door/route.js';
import { listRpcs } from './gateway/door/rpc.js';
import { serveRoutes } from './gateway/door/serve-routes.js';
import { serveRpcs } from './gateway/door/serve-rpcs.js';
import { readForms } from './gateway/rest/form.js';
import { describeRestServer, guardRestServer } from './gateway/rest/server.js';
import { WrongCredentials } from './gateway/wrong-credentials.js';
import { collectWhenIdle } from './observability/idle-collection.js';
import { openLogs } from './observability/logs.js';
import { measureProcess } from './observability/metrics.js';
import { PinoLogger } from './observability/pino-logger.js';
import { Readiness } from './observability/readiness.js';
import { startTracing } from './observability/traces.js';
import { ProcessBounds } from './safeguards/process-bounds.js';
import { SEALED_COLUMNS } from './sealed-columns.js';
import { describeStartFault } from './start/describe-fault.js';
import {
  describeAddresses,
  describeRealStart,
  listPlatformStates,
  nameStates,
} from './start/describe-start.js';
import { openPort, reservePort } from './start/ports.js';
import { prepareConfig } from './start/prepare-config.js';
import { noteRunningGateway } from './start/running-note.js';

/** What has to be closed, in the order of opening; it is closed from the end. */
type Closer = () => Promise<void>;

const closers: Closer[] = [];

const SANDBOX_IN_PRODUCTION =
  'SANDBOX=true: the platforms are simulated. Get a token with POST /api/v1/auth/token and a key of MODULE_SECRET_KEY';

await start().catch(async (error: unknown) => {
  process.stderr.write(`${describeStartFault(error)}\n`);
  // What was opened before the fault must not stay behind.
  for (const closer of closers.toReversed()) await closer().catch(() => undefined);
  process.exit(1);
});

/** Opens the gateway: database, sandbox where wanted, the application, its two doors. */
async function start(): Promise<void> {
  readEnvFile();
  let config = await prepareConfig((line) => process.stderr.write(`${line}\n`));
  const logs = await openLogs(config, process.stdout.isTTY && !config.production);
  closers.push(logs.close);
  const { logger } = logs;
  measureProcess();
  const stopCollecting = collectWhenIdle();
  closers.push(async () => stopCollecting());
  closers.push(await startTracing(config));
  const log = (line: string): void => logger.info(line);
  closeOnSignals(config, log);

  const certificates = openCertificates(config, log);
  let { DATABASE_URL: databaseUrl } = config;
  if (databaseUrl === undefined) {
    const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, log });
    closers.push(() => postgres.stop());
    databaseUrl = postgres.url;
  }
  const dataSource = await openDatabase({
    url: databaseUrl,
    poolMax: config.DATABASE_POOL_MAX,
    sandbox: config.sandbox,
    log,
  });
  let closeDatabase = (): Promise<void> => dataSource.destroy();
  closers.push(() => closeDatabase());
  await requireKeys(dataSource, new Vault(config.encryptionKeys), SEALED_COLUMNS);
  // Loaded where it is wanted: it takes memory.
  const sandboxRoom = config.sandbox ? await import('./start/enter-sandbox.js') : undefined;
  const sandbox = await sandboxRoom?.enterSandbox(config, databaseUrl, log);
  if (sandbox) {
    closers.push(sandbox.close);
    config = sandbox.config;
  }
  const restPort = await reservePort(config.HOST, config.REST_PORT);
  const grpcPort = await reservePort(config.HOST, config.GRPC_PORT);
  config = { ...config, REST_PORT: restPort.port, GRPC_PORT: grpcPort.port };

  const adapter = new FastifyAdapter(describeRestServer(config, certificates.rest));
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(config, dataSource),
    adapter,
    {
      logger: new PinoLogger(logger),
      bodyParser: false,
      abortOnError: false,
    },
  );
  const rest = app.getHttpAdapter().getInstance();
  keepBrowsersInCheck(rest);
  await app.register(rateLimit, { global: false });
  guardRestServer(rest, config, app.get(Entrance), app.get(EarlierCallers), app.get(ProcessBounds));
  certificates.rest?.keepNew(app.getHttpServer() as HttpsServer);
  refuseNullInAddresses(rest);
  refuseOtherMethods(rest);
  readJsonBodies(rest);
  readForms(rest);
  requireHonouredMetadata(CONTROLLERS, app.get(ApplicationConfig));
  serveRoutes(rest, app.get<readonly Route[]>(ROUTES), app.get(ModuleRef), app.get(Door));
  // From here on the application closes it.
  closeDatabase = async () => undefined;

  const readiness = app.get(Readiness);
  // Whoever keeps a connection to a replica that stops is sent to another.
  rest.addHook('onRequest', (_request, reply, done) => {
    if (readiness.state === 'stopping') void reply.header('connection', 'close');
    done();
  });
  const watches = new HealthWatches();
  const callBounds = new CallBounds(app.get(ProcessBounds), config.REST_BODY_TIMEOUT * 1_000);
  let grpcServer: Server | undefined;
  let oldPorts: OldPorts | undefined;
  app.connectMicroservice(
    describeGrpcServer(
      config,
      config.GRPC_PORT,
      {
        readiness,
        watches,
        doorkeeper: {
          entrance: app.get(Entrance),
          earlierCallers: app.get(EarlierCallers),
          callBounds,
          wrongCredentials: app.get(WrongCredentials),
        },
        serve: (server) =>
          serveRpcs(server, listRpcs(CONTROLLERS), app.get(ModuleRef), app.get(Door)),
        certificates: certificates.grpc,
      },
      (server) => {
        grpcServer = server;
      },
    ),
  );
  closers.push(async () => {
    readiness.set('stopping');
    // Whoever sends work here goes on until its balancer has noticed.
    if (config.SHUTDOWN_DELAY > 0) await sleep(config.SHUTDOWN_DELAY * 1_000);
    watches.end();
    // GOAWAY at once: what comes later goes to others, and what is under way is finished.
    grpcServer?.tryShutdown(() => undefined);
    // An open call keeps a server waiting without bound; what is still open then is cut.
    const force = setTimeout(
      () => {
        logger.warn(`cutting what is still open after SHUTDOWN_GRACE`);
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
  });

  await grpcPort.release();
  const grpcDoor = { setting: 'GRPC_PORT', port: config.GRPC_PORT };
  await openPort(grpcDoor, () => app.startAllMicroservices());
  await restPort.release();
  const restDoor = { setting: 'REST_PORT', port: config.REST_PORT };
  await openPort(restDoor, () => app.listen(config.REST_PORT, config.HOST));
  oldPorts = await openPredecessorPorts(config, app, grpcServer, certificates.grpc);
  if (grpcServer) tuneConnections(grpcServer, config.MAX_CONNECTIONS);
  await sandbox?.connectAccounts({
    config,
    catalogue: app.get(Catalogue),
    accounts: app.get(Accounts),
    database: app.get(Database),
    vault: app.get(Vault),
  });
  readiness.set('open');
  closers.push(await noteRunningGateway(config));
  await announce(config, app, logger);
}

/** Says in the log, and to a person at the terminal, where the doors are and what comes next. */
async function announce(
  config: Config,
  app: NestFastifyApplication,
  logger: Logger,
): Promise<void> {
  const { production, sandbox } = config;
  const accounts = sandbox ? [] : await app.get(Accounts).list();
  const platforms = listPlatformStates(app.get(Catalogue).platforms, accounts);
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
  if (production) {
    // The output of a service is its log: no text for people, and above all no token.
    if (sandbox) logger.warn(SANDBOX_IN_PRODUCTION);
    return;
  }
  if (!sandbox) process.stdout.write(describeRealStart(config, platforms));
  else {
    const { describeFirstSteps } = await import('./start/first-steps.js');
    process.stdout.write(describeFirstSteps(config, app.get(CallerTokens)));
  }
}

/** The certificates of the doors that speak TLS. @throws ConfigError naming a file that is of no use */
function openCertificates(
  { tls }: Config,
  log: (line: string) => void,
): { rest?: Certificates; grpc?: Certificates } {
  return {
    ...(tls.rest && { rest: new Certificates('REST', tls.rest, log) }),
    ...(tls.grpc && { grpc: new Certificates('GRPC', tls.grpc, log) }),
  };
}

/** @throws StartFault when one of the ports cannot be had */
async function openPredecessorPorts(
  config: Config,
  app: NestFastifyApplication,
  grpc: Server | undefined,
  certificates: Certificates | undefined,
): Promise<OldPorts | undefined> {
  if (config.oldPorts.length === 0 || !grpc) return undefined;
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

/** The first signal closes gently and in order; the grace bounds it. */
function closeOnSignals(config: Config, log: (line: string) => void): void {
  let closing = false;
  const close = async (signal: string): Promise<void> => {
    if (closing) return;
    closing = true;
    log(`${signal}: stopping`);
    const longest = config.SHUTDOWN_DELAY + config.SHUTDOWN_GRACE + 15;
    setTimeout(() => process.exit(1), longest * 1_000).unref();
    for (const closer of closers.toReversed()) {
      await closer().catch((error: unknown) => log(`while stopping: ${(error as Error).message}`));
    }
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void close(signal));
}
