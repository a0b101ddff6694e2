import { constants } from 'node:http2';
import { join } from 'node:path';
import type { PackageDefinition } from '@grpc/proto-loader';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import type { Server } from '@grpc/grpc-js';
import { type GrpcOptions, Transport } from '@nestjs/microservices';
import { HealthImplementation, protoPath as healthProto } from 'grpc-health-check';
import type { Config } from '../../config/config.js';
import { joinHostAndPort } from '../../config/listen-address.js';
import type { Readiness } from '../../observability/readiness.js';
import {
  LOADER_OPTIONS,
  markDamagedText,
  PACKAGE,
  PROTO_DIR,
  PROTO_FILE,
  SERVICE_NAME,
} from './contract.js';
import type { Certificates } from '../certificates.js';
import { endAnsweredStream } from './call-bounds.js';
import {
  type AuthenticationParts,
  makeAuthenticationInterceptor,
} from './authentication-interceptor.js';
import { nameService } from '../door/dialects.js';
import type { HealthWatches } from './health-watches.js';
import { markUntouchedCalls } from './nothing-sent.js';
import { completeDescriptors } from './reflection.js';
import { findHttp2Servers, passInterceptors } from '../../vendor/grpc-js-server.js';
import { giveStreamTables } from '../../vendor/http2-streams.js';

/** The time that open calls have when their connection reaches its age limit; longer than a call may take. */
const CONNECTION_AGE_GRACE_MS = 60_000;
const LARGEST_METADATA_BYTES = 256 * 1024;
/** Of one connection; a client with more calls waits, or opens another connection. */
const MOST_STREAMS = 1_000;
/** What Node.js may hold for one connection; beyond it, new streams are refused. */
const MOST_SESSION_MEGABYTES = 32;
/** How often an idle connection is probed, so that a client that has vanished is disconnected. */
const KEEPALIVE_MS = 60_000;

/**
 * How the gRPC server is set up: contract, reflection, health, size caps.
 * @param authentication authenticates callers, and bounds what is held for them
 * @param serve puts our handlers in the place of Nest's
 * @param certificates left out, the door speaks plain text
 * @param watches has to end before the server can
 * @param onServer gets the server, which Nest does not expose
 */
export function describeGrpcServer(
  config: Config,
  port: number,
  {
    readiness,
    watches,
    authentication,
    serve,
    certificates,
  }: {
    readonly readiness: Readiness;
    readonly watches: HealthWatches;
    readonly authentication: AuthenticationParts;
    readonly serve: (server: Server) => void;
    readonly certificates?: Certificates;
  },
  onServer: (server: Server) => void,
): GrpcOptions {
  const ofDialects = authentication.dialects.registered.flatMap(({ grpc }) => grpc ?? []);
  const services = [SERVICE_NAME, ...ofDialects.map(nameService)];
  // As grpc.health.v1 names them; the empty name is the whole server.
  const watched = ['', ...services];
  return {
    transport: Transport.GRPC,
    options: {
      url: joinHostAndPort(config.HOST, port),
      package: [PACKAGE, ...ofDialects.map((grpc) => grpc.package)],
      protoPath: [PROTO_FILE, ...ofDialects.map(({ file }) => file)].map((file) =>
        join(PROTO_DIR, file),
      ),
      loader: LOADER_OPTIONS,
      gracefulShutdown: true,
      ...(certificates && { credentials: certificates.makeGrpcCredentials() }),
      maxReceiveMessageLength: config.MAX_MESSAGE_BYTES,
      // Far above what is accepted: a client that sends too much reads why, instead of a cut connection.
      maxMetadataSize: LARGEST_METADATA_BYTES,
      channelOptions: {
        // Connections end now and then, so that clients spread over replicas that came later.
        ...(config.GRPC_MAX_CONNECTION_AGE > 0 && {
          'grpc.max_connection_age_ms': config.GRPC_MAX_CONNECTION_AGE * 1_000,
        }),
        'grpc.max_connection_age_grace_ms': CONNECTION_AGE_GRACE_MS,
        'grpc.max_concurrent_streams': MOST_STREAMS,
        'grpc.keepalive_time_ms': KEEPALIVE_MS,
        'grpc-node.max_session_memory': MOST_SESSION_MEGABYTES,
        // Counts calls for a service that is not offered here.
        'grpc.enable_channelz': 0,
        ...passInterceptors([
          markUntouchedCalls,
          watches.track,
          makeAuthenticationInterceptor(authentication),
        ]),
      },
      onLoadPackageDefinition(definition: PackageDefinition, server: Server) {
        readTextStrictly(definition, services);
        const reflected = completeDescriptors({ ...definition, ...loadSync(healthProto) });
        new ReflectionService(reflected).addToServer(server);
        const health = new HealthImplementation(
          Object.fromEntries(watched.map((name) => [name, 'NOT_SERVING' as const])),
        );
        health.addToServer(server);
        readiness.onChange((open) => {
          for (const name of watched) health.setStatus(name, open ? 'SERVING' : 'NOT_SERVING');
        });
        serve(server);
        onServer(server);
      },
    },
  };
}

/**
 * Tunes a listening server before its first connection.
 * @param mostConnections 0 sets no limit
 */
export function tuneConnections(server: Server, mostConnections: number): void {
  for (const listening of findHttp2Servers(server).keys()) {
    if (mostConnections > 0) listening.maxConnections = mostConnections;
    giveStreamTables(listening);
    // After the listener of grpc-js, which answers unknown methods at once and does not read them.
    listening.on('stream', endAnsweredStream);
  }
}

/** Ends all open connections; without channelz grpc-js itself does not. */
export function forceShutdown(server: Server): void {
  server.forceShutdown();
  for (const { sessions } of findHttp2Servers(server).values())
    for (const session of sessions) session.destroy(undefined, constants.NGHTTP2_CANCEL);
}

/** Puts the check for damaged text behind every decoder of our services. */
function readTextStrictly(definition: PackageDefinition, names: readonly string[]): void {
  type Service = Record<string, { requestDeserialize: (bytes: Buffer) => object }>;
  const services = names.map((name) => definition[name] as unknown as Service);
  for (const method of services.flatMap((service) => Object.values(service))) {
    const decode = method.requestDeserialize;
    method.requestDeserialize = (bytes) => markDamagedText(bytes, decode(bytes));
  }
}
