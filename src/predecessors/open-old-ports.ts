import { createServer, type Server as NetServer } from 'node:net';
import type { Server as HttpServer } from 'node:http';
import { type Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import type { Config } from '../config/config.js';
import { joinHostAndPort } from '../config/listen-address.js';
import type { OldPort } from '../config/old-ports.js';

/** The servers that the ports of the earlier services lead to. */
export interface Doors {
  readonly http: HttpServer;
  readonly grpc: GrpcServer;
  /** As the gRPC door itself has them. */
  readonly credentials?: ServerCredentials | undefined;
}

export interface OldPorts {
  readonly open: readonly OldPort[];
  /** Takes no new connections; resolves when those there are have ended. */
  close(): Promise<void>;
}

/**
 * Opens the ports of the earlier services: further addresses of the same two servers, with their guards,
 * time-outs and certificates. A port that one of our doors has already is not opened again.
 * @throws Error EADDRINUSE, or that of grpc-js, naming the port
 */
export async function openOldPorts(
  { HOST, REST_PORT, GRPC_PORT, MAX_CONNECTIONS, oldPorts }: Config,
  { http, grpc, credentials = ServerCredentials.createInsecure() }: Doors,
): Promise<OldPorts> {
  const wanted = oldPorts.filter(({ port }) => port !== REST_PORT && port !== GRPC_PORT);
  const listeners: NetServer[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(
      listeners.map((listener) => new Promise<void>((resolve) => listener.close(() => resolve()))),
    );
  };
  try {
    for (const { door, port } of wanted) {
      if (door === 'grpc') await bind(grpc, joinHostAndPort(HOST, port), credentials);
      else listeners.push(await listen(http, HOST, port));
    }
    if (MAX_CONNECTIONS > 0) {
      for (const listener of listeners) listener.maxConnections = MAX_CONNECTIONS;
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { open: wanted, close };
}

/** Hands connections to the HTTP server, which documents that it takes those of others. */
function listen(http: HttpServer, host: string, port: number): Promise<NetServer> {
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    http.emit('connection', socket),
  );
  return new Promise((resolve, reject) => {
    listener.once('error', reject).listen(port, host, () => {
      listener.off('error', reject);
      resolve(listener);
    });
  });
}

function bind(grpc: GrpcServer, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    grpc.bindAsync(address, credentials, (error, port) => (error ? reject(error) : resolve(port)));
  });
}
