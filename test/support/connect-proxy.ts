import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** An HTTP proxy that opens tunnels by CONNECT. */
export interface ConnectProxy {
  /** With user name and password, which it asks for. */
  readonly url: string;
  /** Where tunnels were asked for, as host:port. */
  readonly asked: readonly string[];
  /** From now on every wish is answered with this status; 200 opens tunnels again. */
  answerWith(status: number): void;
  close(): Promise<void>;
}

/** Starts a proxy. @param port where every tunnel leads on this machine, whatever was asked for */
export async function startConnectProxy(port: number): Promise<ConnectProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  let status = 200;
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request, socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const login = Buffer.from('user:p@ss').toString('base64');
    const isKnown = request.headers['proxy-authorization'] === `Basic ${login}`;
    asked.push(request.url ?? '');
    if (status !== 200 || !isKnown) {
      socket.end(`HTTP/1.1 ${isKnown ? status : 407} No\r\n\r\n`);
      return;
    }
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.on('error', () => socket.destroy()).pipe(socket);
      socket.on('error', () => upstream.destroy()).pipe(upstream);
    });
    sockets.add(upstream);
    upstream.on('error', () => socket.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://user:p%40ss@127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answerWith(next) {
      status = next;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
