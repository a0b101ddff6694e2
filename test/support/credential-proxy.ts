import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy that adds a credential, for a program that knows none. */
export interface CredentialProxy {
  readonly url: string;
  close(): void;
}

export async function startCredentialProxy(
  target: string,
  authorization: string,
): Promise<CredentialProxy> {
  const server = createServer((request, reply) => {
    const { method, url = '/', headers } = request;
    const forwarded = ask(
      target + url,
      { method, headers: { ...headers, authorization }, agent: false },
      (answer) => {
        reply.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(reply);
      },
    );
    forwarded.on('error', () => reply.destroy());
    request.pipe(forwarded);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
