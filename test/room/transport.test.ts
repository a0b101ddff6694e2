// Real: both transports and the network of this machine. Fake: the platform, a server that misbehaves.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Delivery, Transport, WireRequest } from '../../src/actions/wire.js';
import { AxiosTransport } from '../../src/execution/axios-transport.js';
import { UndiciTransport } from '../../src/execution/undici-transport.js';

const LONG = 20_000;

let transport: Transport & { onApplicationShutdown(): unknown };
const opened: { close(): unknown; closeAllConnections?(): void }[] = [];

afterEach(async () => {
  await transport.onApplicationShutdown();
  for (const server of opened.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

interface Received {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server that notes what it receives and answers as it is told. */
async function serve(answer: (response: ServerResponse, request: IncomingMessage) => void) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      received.push({ line: `${method} ${url}`, headers, body: Buffer.concat(chunks).toString() });
      answer(response, request);
    });
  });
  opened.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, received };
}

/** A server that speaks no HTTP at all. */
async function serveTcp(meet: (socket: Socket) => void): Promise<string> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    meet(socket);
  });
  opened.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const get = (url: string, more: Partial<WireRequest> = {}, timeoutMs = LONG): Promise<Delivery> =>
  transport.deliver({ method: 'GET', url, headers: {}, ...more }, timeoutMs);

const json = (response: ServerResponse, body: unknown): unknown =>
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body));

describe.each([
  ['axios', () => new AxiosTransport()],
  ['undici', () => new UndiciTransport({})],
])('by %s', (_client, make) => {
  beforeEach(() => {
    transport = make();
  });

  /** On these a client of Node.js and undici tell that the head of an answer was read. */
  const HEADS = ['http.client.response.finish', 'undici:request:headers'];

  function onceAnswerIsRead(act: () => void): void {
    const onHead = (): void => {
      for (const channel of HEADS) unsubscribe(channel, onHead);
      act();
    };
    for (const channel of HEADS) subscribe(channel, onHead);
  }

  describe('what is sent', () => {
    it('is JSON for an object', async () => {
      const { url, received } = await serve((response) => json(response, {}));
      await get(`${url}/a?b=c`, {
        method: 'POST',
        headers: { authorization: 'Bearer token', 'client-id': 'client' },
        body: { text: 'ä 𝄞', none: undefined },
      });
      expect(received).toMatchObject([
        {
          line: 'POST /a?b=c',
          body: '{"text":"ä 𝄞"}',
          headers: {
            'content-type': 'application/json',
            authorization: 'Bearer token',
            'client-id': 'client',
            'user-agent': 'action-gateway',
            accept: 'application/json',
          },
        },
      ]);
    });

    it('is a form for URLSearchParams', async () => {
      const { url, received } = await serve((response) => json(response, {}));
      await get(url, { method: 'POST', body: new URLSearchParams({ a: 'b&c', d: 'ä' }) });
      expect(received[0]?.body).toBe('a=b%26c&d=%C3%A4');
      expect(received[0]?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
    });

    it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const)(
      'is nothing but a head for a %s without a body',
      async (method) => {
        const { url, received } = await serve((response) => json(response, {}));
        await get(url, { method });
        expect(received[0]).toMatchObject({ line: `${method} /`, body: '' });
        expect(received[0]?.headers).not.toHaveProperty('content-type');
      },
    );
  });

  describe('an answer', () => {
    it('comes with its status, its parsed body and header names in lower case', async () => {
      const { url } = await serve((response) => {
        response.writeHead(422, {
          'Content-Type': 'application/json',
          'Ratelimit-Remaining': '799',
          'X-MIXED-Case': 'Kept As It Is',
        });
        response.end('{"message":"no"}');
      });
      const delivery = await get(url);
      expect(delivery).toMatchObject({
        kind: 'answered',
        answer: {
          status: 422,
          body: { message: 'no' },
          headers: { 'ratelimit-remaining': '799', 'x-mixed-case': 'Kept As It Is' },
        },
      });
    });

    it.each([
      ['a page', 'text/html', '<h1>Bad gateway</h1>', '<h1>Bad gateway</h1>'],
      ['a page that calls itself JSON', 'application/json', '<h1>', '<h1>'],
      ['JSON that does not call itself so', 'text/plain', '[1]', [1]],
      ['half of some JSON', 'application/json', '{"a":', '{"a":'],
      ['nothing', 'application/json', '', undefined],
    ])('may be %s', async (_name, type, text, body) => {
      const { url } = await serve((response) => response.setHeader('content-type', type).end(text));
      expect(await get(url)).toMatchObject({ kind: 'answered', answer: { status: 200, body } });
    });

    it('may be a 204', async () => {
      const { url } = await serve((response) => response.writeHead(204).end());
      const delivery = await get(url);
      expect(delivery).toMatchObject({ kind: 'answered', answer: { status: 204 } });
      expect(delivery.kind === 'answered' && delivery.answer.body).toBeUndefined();
    });

    it('may be compressed', async () => {
      const { url } = await serve((response) =>
        response.setHeader('content-encoding', 'gzip').end(gzipSync('{"a":1}')),
      );
      expect(await get(url)).toMatchObject({ kind: 'answered', answer: { body: { a: 1 } } });
    });

    it.each([301, 302, 303, 307, 308])('may be a %d, which is not followed', async (status) => {
      const elsewhere = await serve((response) => json(response, {}));
      const { url, received } = await serve((response) =>
        response.writeHead(status, { location: elsewhere.url }).end(),
      );
      const delivery = await get(url, {
        method: 'POST',
        headers: { authorization: 'Bearer token' },
        body: { a: 1 },
      });
      expect(delivery).toMatchObject({ kind: 'answered', answer: { status } });
      expect(received).toHaveLength(1);
      expect(elsewhere.received).toEqual([]);
    });
  });

  describe('what never left', () => {
    it('is a request whose connection was refused', async () => {
      const { url } = await serve(() => undefined);
      for (const server of opened.splice(0)) {
        server.close();
        await once(server as unknown as ReturnType<typeof createServer>, 'close');
      }
      const { host } = new URL(url);
      expect(await get(url, { method: 'POST', body: { a: 1 } })).toEqual({
        kind: 'unsent',
        reason: `${host} cannot be reached (ECONNREFUSED)`,
      });
      // A name with two addresses fails for both of them, in an error of its own kind.
      const byName = await get(url.replace('127.0.0.1', 'localhost'));
      expect(byName).toMatchObject({ kind: 'unsent' });
    });

    it('is a request to a name that does not exist', async () => {
      expect(await get('http://nobody.invalid/')).toMatchObject({
        kind: 'unsent',
        reason: expect.stringMatching(/^nobody\.invalid cannot be reached \(E/) as string,
      });
    });

    it('shows no secret of the URL in its reason', async () => {
      const delivery = await get('http://nobody.invalid/?token=hidden');
      expect(JSON.stringify(delivery)).not.toContain('hidden');
    });
  });

  describe('what may have happened', () => {
    const cases: readonly [name: string, meet: (socket: Socket) => void][] = [
      ['a connection reset at once', (socket) => socket.resetAndDestroy()],
      [
        'a reset after the request',
        (socket) => socket.once('data', () => socket.resetAndDestroy()),
      ],
      ['an end without a word', (socket) => socket.once('data', () => socket.end())],
      ['no HTTP', (socket) => socket.once('data', () => socket.end('hello\r\n\r\n'))],
      [
        'a body cut off',
        (socket) =>
          socket.once('data', () =>
            socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a"'),
          ),
      ],
      [
        'a body in pieces cut off',
        (socket) =>
          socket.once('data', () =>
            socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{"a"\r\n'),
          ),
      ],
      [
        'a body reset in the middle',
        (socket) =>
          socket.once('data', () =>
            socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a"', () =>
              onceAnswerIsRead(() => socket.resetAndDestroy()),
            ),
          ),
      ],
      [
        'a body that is no gzip',
        (socket) =>
          socket.once('data', () =>
            socket.end(
              'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello',
            ),
          ),
      ],
    ];

    it.each(cases)('is a request answered by %s', async (_name, meet) => {
      const url = await serveTcp(meet);
      expect(await get(url, { method: 'POST', body: { a: 1 } })).toEqual({
        kind: 'unanswered',
        reason: expect.stringMatching(/^127\.0\.0\.1:\d+ gave no answer \([\w ]+\)$/) as string,
      });
    });

    const slow: readonly [name: string, meet: (socket: Socket) => void][] = [
      ['never answers', () => undefined],
      [
        'never ends its body',
        (socket) =>
          socket.once('data', () =>
            socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a"'),
          ),
      ],
      [
        'sends a byte now and then, for ever',
        (socket) => {
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n');
          const drip = setInterval(() => socket.write(' '), 50);
          socket.on('close', () => clearInterval(drip));
        },
      ],
    ];

    it.each(slow)('is a request to a server that %s', async (_name, meet) => {
      const url = await serveTcp(meet);
      const timers = vi.spyOn(globalThis, 'setTimeout');
      expect(await get(url, {}, 300)).toMatchObject({
        kind: 'unanswered',
        reason: expect.stringContaining('gave no answer (ETIMEDOUT)') as string,
      });
      // No other time than the one that was given.
      expect(timers.mock.calls.map(([, ms]) => ms)).toContain(300);
      timers.mockRestore();
    });

    it('is a request whose answer is too large to be read', async () => {
      const { url } = await serve((response) => {
        const piece = 'x'.repeat(1_048_576);
        const fill = (): void => {
          while (!response.destroyed && response.write(piece));
          if (!response.destroyed) response.once('drain', fill);
        };
        fill();
      });
      expect(await get(url)).toMatchObject({ kind: 'unanswered' });
    });

    it('is a request whose answer grows too large by unpacking', async () => {
      const bomb = gzipSync(Buffer.alloc(64 * 1_048_576));
      const { url } = await serve((response) =>
        response.setHeader('content-encoding', 'gzip').end(bomb),
      );
      expect(await get(url)).toMatchObject({ kind: 'unanswered' });
    });
  });

  it('uses a connection again', async () => {
    const ports = new Set<number | undefined>();
    const { url } = await serve((response, request) => {
      ports.add(request.socket.remotePort);
      json(response, {});
    });
    for (let n = 0; n < 5; n += 1) await get(url);
    // A connection may still be finishing when the next request is there.
    expect(ports.size).toBeLessThan(3);
  });

  it('lets no failure of one request reach the next', async () => {
    let meetings = 0;
    const { url } = await serve((response) => {
      meetings += 1;
      if (meetings % 2 === 1) response.socket?.resetAndDestroy();
      else json(response, { meetings });
    });
    expect(await get(url)).toMatchObject({ kind: 'unanswered' });
    expect(await get(url)).toMatchObject({ kind: 'answered', answer: { body: { meetings: 2 } } });
  });
});
