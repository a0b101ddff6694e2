import { Agent, createServer as createHttpServer, request as ask } from 'node:http';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GatewayProcess } from './gateway.js';

/** A balancer before both doors: HTTP by requests, gRPC by connections, to replicas that are ready. */
export interface RoundRobinProxy {
  readonly restUrl: string;
  readonly grpcAddress: string;
  add(gateway: GatewayProcess): Promise<void>;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 100;

export async function startRoundRobinProxy(): Promise<RoundRobinProxy> {
  const backends: { readonly gateway: GatewayProcess; ready: boolean }[] = [];
  const sockets = new Set<Socket>();
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  const closing = new AbortController();

  /** Those that are ready, the one whose turn it is first. */
  const listNext = (): GatewayProcess[] => {
    const ready = backends.filter((backend) => backend.ready).map(({ gateway }) => gateway);
    turn += 1;
    return ready.map((_gateway, index) => ready[(index + turn) % ready.length] as GatewayProcess);
  };

  const grpc = createServer((client) => {
    sockets.add(client);
    client.on('error', () => undefined).once('close', () => sockets.delete(client));
    const tryNext = ([next, ...others]: GatewayProcess[]): void => {
      if (!next) return void client.destroy();
      const [host = '', port = ''] = next.grpcAddress.split(':');
      const server = connect(Number(port), host);
      const onRefused = (): void => tryNext(others);
      server.once('error', onRefused).once('connect', () => {
        server.off('error', onRefused).on('error', () => undefined);
        client.pipe(server).pipe(client);
        server.once('close', () => client.destroy());
        client.once('close', () => server.destroy());
      });
    };
    tryNext(listNext());
  });

  const rest = createHttpServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const tryNext = ([next, ...others]: GatewayProcess[]): void => {
        if (!next) return void reply.writeHead(502).end();
        const { method, url: path, headers } = request;
        const forwarded = ask(next.restUrl + path, { method, headers, agent });
        forwarded.on('response', (answer) => {
          reply.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(reply);
        });
        forwarded.on('error', (error: NodeJS.ErrnoException) => {
          // Refused before a byte left: the next one may be asked. Anything else is for the client to judge.
          if (error.code === 'ECONNREFUSED') tryNext(others);
          else if (!reply.headersSent) reply.writeHead(502).end();
        });
        forwarded.end(Buffer.concat(chunks));
      };
      tryNext(listNext());
    });
  });

  const look = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      for (const backend of backends) backend.ready = await isReady(backend.gateway.restUrl);
      await sleep(LOOK_EVERY_MS);
    }
  };

  for (const server of [grpc, rest]) await once(server.listen(0, '127.0.0.1'), 'listening');
  const looking = look();
  return {
    restUrl: `http://127.0.0.1:${(rest.address() as AddressInfo).port}`,
    grpcAddress: `127.0.0.1:${(grpc.address() as AddressInfo).port}`,
    async add(gateway) {
      backends.push({ gateway, ready: await isReady(gateway.restUrl) });
    },
    async close() {
      closing.abort();
      await looking;
      agent.destroy();
      for (const socket of sockets) socket.destroy();
      grpc.close();
      rest.close();
      rest.closeAllConnections();
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const reply = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(1_000) });
    await reply.arrayBuffer();
    return reply.ok;
  } catch {
    return false;
  }
}
