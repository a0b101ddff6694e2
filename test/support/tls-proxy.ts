import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** PostgreSQL over TLS: the encryption is the proxy's, everything else the server's own. */
export interface TlsProxy {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts a proxy that speaks TLS to clients which ask for it, as PostgreSQL does. */
export async function startTlsProxy(
  databaseUrl: string,
  { cert, key }: { cert: Buffer; key: Buffer },
): Promise<TlsProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    // The first message of a client that wants TLS asks for it, and holds nothing else.
    socket.once('data', () => {
      socket.write('S');
      const secure = new TLSSocket(socket, { isServer: true, cert, key });
      const upstream = connect(Number(target.port), target.hostname);
      sockets.add(upstream);
      secure.on('error', () => upstream.destroy()).pipe(upstream);
      upstream.on('error', () => secure.destroy()).pipe(secure);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
