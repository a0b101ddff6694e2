// Real: the guard and the network of this machine. Fake: name servers, and a server that misbehaves.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ActionFailure } from '../../src/actions/failures.js';
import { EgressGuard, type EgressOptions, isPublicAddress } from '../../src/execution/egress.js';
import { startConnectProxy } from '../support/connect-proxy.js';
import { makePromise } from '../support/promise.js';

const LIMITS = { maxBytes: 1_000, timeoutMs: 2_000 };
const servers: { close(): unknown; closeAllConnections(): void }[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://files.test:${port}`, seen };
}

/** A guard for which this machine is outside, and every name leads to it. */
const here = (options: EgressOptions = {}): EgressGuard =>
  new EgressGuard({
    allowHttp: true,
    isOutside: (address) => address === '127.0.0.1',
    resolve: async () => ['127.0.0.1'],
    ...options,
  });

/** Why an address is refused; fails when it is not. */
async function refuse(
  url: string,
  guard = new EgressGuard(),
  limits = LIMITS,
): Promise<{ code: string; message: string }> {
  try {
    await guard.fetch(url, limits);
  } catch (error) {
    if (error instanceof ActionFailure) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error(`${url} was fetched`);
}

describe('addresses of the public internet', () => {
  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::808:808',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '2002:a00:1::',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    '4000::1',
    'localhost',
    '',
  ])('do not include %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '168.63.129.15',
    '100.128.0.1',
    '172.32.0.1',
    '2606:4700::1111',
    '2a00:1450::1',
  ])('include %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('an address is refused, and nothing is sent,', () => {
  it.each([
    ['http', 'http://example.com/a', /begin with https/],
    ['a file', 'file:///etc/passwd', /begin with https/],
    ['data', 'data:text/plain,hi', /begin with https/],
    ['no URL', 'example.com', /not a URL/],
    ['a user name', 'https://example.com@127.0.0.1/', /user name/],
    ['a password', 'https://:secret@example.com/', /user name/],
    ['a port', 'https://example.com:8443/', /port/],
    ['loopback', 'https://127.0.0.1/', /no address on the public internet/],
    ['loopback in other digits', 'https://0x7f.1/', /no address on the public internet/],
    ['loopback as one number', 'https://2130706433/', /no address on the public internet/],
    ['loopback in octal', 'https://0177.0.0.1/', /no address on the public internet/],
    ['loopback in wide digits', 'https://１２７.0.0.1/', /no address on the public internet/],
    ['a metadata server', 'https://169.254.169.254/latest', /no address on the public internet/],
    ['loopback in IPv6', 'https://[::1]/', /no address on the public internet/],
    ['a mapped address', 'https://[::ffff:10.0.0.1]/', /no address on the public internet/],
    ['NAT64', 'https://[64:ff9b::a00:1]/', /no address on the public internet/],
    ['a name of this machine', 'https://localhost/', /no address on the public internet/],
    ['the same with a dot', 'https://localhost./', /no address|cannot be found/],
    ['a long one', `https://example.com/${'a'.repeat(3_000)}`, /too long/],
  ])('for %s', async (_name, url, message) => {
    expect(await refuse(url)).toEqual({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(message),
    });
  });

  it('when a name leads inside, by one of its addresses', async () => {
    for (const inside of ['10.0.0.1', '::ffff:127.0.0.1', '169.254.169.254', 'fd00::1']) {
      const guard = new EgressGuard({ resolve: async () => ['8.8.8.8', inside] });
      expect((await refuse('https://example.com/', guard)).message).toMatch(/no address on/);
    }
  });

  it('when a name leads nowhere', async () => {
    const none = new EgressGuard({ resolve: async () => [] });
    expect((await refuse('https://example.com/', none)).message).toMatch(/cannot be found/);
    const failing = new EgressGuard({ resolve: () => Promise.reject(new Error('ENOTFOUND')) });
    expect((await refuse('https://example.com/', failing)).message).toMatch(/cannot be found/);
  });

  it('in the sandbox, unless it is one of the sandbox itself', async () => {
    const { port, seen } = await serve((_request, response) => response.end('mine'));
    const guard = new EgressGuard({ onlyOrigins: [`http://127.0.0.1:${port}`] });
    expect((await refuse('https://example.com/', guard)).message).toMatch(/In the sandbox only/);
    expect((await refuse(`http://127.0.0.1:${port + 1}/`, guard)).message).toMatch(
      /only addresses/,
    );
    expect(seen).toHaveLength(0);
    const file = await guard.fetch(`http://127.0.0.1:${port}/sandbox/files/a`, LIMITS);
    expect(Buffer.from(file.bytes).toString()).toBe('mine');
  });
});

describe('a file', () => {
  it('is read whole, with its type, and without credentials', async () => {
    const { url, seen } = await serve((_request, response) => {
      response.setHeader('content-type', 'image/png; charset=x').end(Buffer.from([0, 255, 13, 10]));
    });
    const file = await here().fetch(`${url}/a.png?b=c`, LIMITS);
    expect([...file.bytes]).toEqual([0, 255, 13, 10]);
    expect(file).toMatchObject({ type: 'image/png', isKnown: true });
    expect(seen[0]?.url).toBe('/a.png?b=c');
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
  });

  it('comes from the address that was checked, whatever the name leads to a moment later', async () => {
    const { url } = await serve((_request, response) => response.end('checked'));
    let asked = 0;
    const resolve = async () => [(asked += 1) === 1 ? '127.0.0.1' : '10.0.0.1'];
    const file = await here({ resolve }).fetch(url, LIMITS);
    expect(Buffer.from(file.bytes).toString()).toBe('checked');
    expect(asked).toBe(1);
  });

  it('that is too long is not read to its end, announced or not', async () => {
    const announced = await serve((_request, response) => {
      response.setHeader('content-length', 10_000).write('x');
    });
    expect((await refuse(announced.url, here())).message).toMatch(/more than 1000 bytes/);
    const endless = await serve((_request, response) => {
      const timer = setInterval(() => response.write('x'.repeat(400)), 5);
      response.on('close', () => clearInterval(timer));
    });
    expect(await refuse(endless.url, here())).toEqual({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/more than 1000 bytes/),
    });
  });

  it('that does not come in time is no file, however slowly it drips', async () => {
    const { promise: gone, resolve: left } = makePromise();
    const { url } = await serve((_request, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => {
        clearInterval(timer);
        left();
      });
    });
    const timeouts = vi.spyOn(AbortSignal, 'timeout');
    const limits = { maxBytes: 1_000_000, timeoutMs: 300 };
    expect((await refuse(url, here(), limits)).code).toBe('PLATFORM_DOWN');
    // It dripped on until it was left, after the time that was given.
    expect(timeouts.mock.calls).toEqual([[300]]);
    timeouts.mockRestore();
    await gone;
  });

  it.each([
    [404, 'INVALID_INPUT'],
    [403, 'INVALID_INPUT'],
    [206, 'INVALID_INPUT'],
    [500, 'PLATFORM_DOWN'],
    [429, 'PLATFORM_DOWN'],
  ])('is not made of an answer of %i', async (status, code) => {
    const { url } = await serve((_request, response) => response.writeHead(status).end('no'));
    expect(await refuse(url, here())).toEqual({
      code,
      message: expect.stringContaining(String(status)),
    });
  });

  it('is not made of half an answer', async () => {
    const { url } = await serve((_request, response) => {
      response.setHeader('content-length', 100).write('x', () => response.destroy());
    });
    expect((await refuse(url, here())).code).toBe('PLATFORM_DOWN');
  });
});

/** A server that sends on, hop after hop, until it is told to answer. */
const redirect = (to: (hop: number) => string) =>
  serve((request, response) => {
    const hop = Number(request.url?.slice(1) || 0);
    const location = to(hop);
    if (location === '') response.end('there');
    else response.writeHead(302, { location }).end();
  });

describe('a redirect', () => {
  it('is followed three times, and no further', async () => {
    const { url } = await redirect((hop) => (hop < 3 ? `/${hop + 1}` : ''));
    expect(Buffer.from((await here().fetch(url, LIMITS)).bytes).toString()).toBe('there');
    const endless = await redirect((hop) => `/${hop + 1}`);
    expect((await refuse(endless.url, here())).message).toMatch(/more than 3 times/);
    expect(endless.seen).toHaveLength(4);
  });

  it.each([
    ['inside', 'http://10.0.0.1/', /no address on the public internet/],
    ['inside by another name', 'http://[::1]/', /no address on the public internet/],
    ['another scheme', 'file:///etc/passwd', /begin with https/],
    ['somebody', 'http://name@files.test/', /user name/],
    ['nothing that is a URL', 'http://', /not a URL/],
  ])('to %s is refused', async (_name, to, message) => {
    const { url, seen } = await redirect(() => to);
    expect(await refuse(url, here())).toEqual({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(message),
    });
    expect(seen).toHaveLength(1);
  });

  it('out of the sandbox is refused', async () => {
    const { port } = await redirect(() => 'https://example.com/');
    const guard = new EgressGuard({ onlyOrigins: [`http://127.0.0.1:${port}`] });
    expect((await refuse(`http://127.0.0.1:${port}/`, guard)).message).toMatch(/In the sandbox/);
  });
});

/** Reads a file piece by piece, to its end. */
async function read(url: string, guard = here(), limits: object = {}): Promise<Buffer> {
  const signal = new AbortController().signal;
  const file = await guard.open(url, { ...LIMITS, signal, ...limits });
  const pieces: Uint8Array[] = [];
  try {
    for (;;) {
      const piece = await file.read();
      if (piece === undefined) return Buffer.concat(pieces);
      pieces.push(piece);
    }
  } finally {
    file.close();
  }
}

describe('a file that is read as it comes', () => {
  const WHOLE = Buffer.from('0123456789'.repeat(20));
  const TYPE = { 'content-type': 'video/mp4; codecs=x', etag: '"one"' };

  /** Sends the first bytes and breaks off; what is asked for then is answered by `rest`. */
  const breakOff =
    (rest: (request: IncomingMessage, response: ServerResponse) => void, head: object = TYPE) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      if (request.headers.range !== undefined) return rest(request, response);
      response.writeHead(200, { ...head, 'content-length': WHOLE.length });
      response.write(WHOLE.subarray(0, 50), () => response.destroy());
    };

  const giveRest =
    (more: object = {}, total: number | string = WHOLE.length) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0]);
      const range = `bytes ${start}-${WHOLE.length - 1}/${total}`;
      response.writeHead(206, { ...TYPE, 'content-range': range, ...more });
      response.end(WHOLE.subarray(start));
    };

  it('comes whole, with its type and its length', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { ...TYPE, 'content-length': WHOLE.length }).end(WHOLE);
    });
    const { signal } = new AbortController();
    const file = await here().open(url, { ...LIMITS, signal });
    expect([file.type, file.size]).toEqual(['video/mp4', WHOLE.length]);
    file.close();
    expect(await read(url)).toEqual(WHOLE);
  });

  it('goes on where its server broke off, by the rules of the first request', async () => {
    const { url, seen } = await serve(breakOff(giveRest()));
    expect(await read(url)).toEqual(WHOLE);
    const [, second] = seen;
    expect(second?.headers).toMatchObject({ range: 'bytes=50-', 'if-range': '"one"' });
  });

  it.each([
    ['another version', giveRest({ etag: '"two"' })],
    ['another length', giveRest({}, 999)],
    ['another place', giveRest({ 'content-range': `bytes 7-199/${WHOLE.length}` })],
    [
      'the whole again',
      (_request: IncomingMessage, response: ServerResponse) =>
        void response.writeHead(200, TYPE).end(WHOLE),
    ],
  ])('is given up when the rest is of %s', async (_name, rest) => {
    const { url } = await serve(breakOff(rest));
    await expect(read(url)).rejects.toMatchObject({ code: 'PLATFORM_DOWN' });
  });

  it('is given up when the rest leads inside', async () => {
    const { url } = await serve(
      breakOff((_request, response) => {
        response.writeHead(302, { location: 'http://127.0.0.2/secret' }).end();
      }),
    );
    await expect(read(url)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it.each([
    ['nothing of its end', {}, 'says nothing of where it ends'],
    ['an encoding', { 'content-encoding': 'gzip', 'content-length': 3 }, 'comes encoded as gzip'],
    ['too great a length', { 'content-length': 1_001 }, 'more than 1000 bytes'],
  ])('is refused for %s', async (_name, headers, says) => {
    const { url } = await serve((_request, response) => {
      // As HTTP/1.0 servers do: the end of the connection is the end of the file.
      response.shouldKeepAlive = false;
      response.useChunkedEncodingByDefault = false;
      response.writeHead(200, headers).end('abc');
    });
    await expect(read(url)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(says) as string,
    });
  });

  it('that grows too long is given up', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200, TYPE);
      response.write(WHOLE);
      response.end(WHOLE);
    });
    await expect(read(url, here(), { maxBytes: 300 })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  it('is refused like any other', async () => {
    const { signal } = new AbortController();
    for (const url of ['http://example.com/a', 'https://127.0.0.1/', 'https://[::1]/'])
      await expect(new EgressGuard().open(url, { ...LIMITS, signal })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
  });
});

describe('through a proxy', () => {
  const proxies: { close(): Promise<void> }[] = [];

  afterEach(async () => {
    for (const proxy of proxies.splice(0)) await proxy.close();
  });

  const open = async (port: number) => {
    const proxy = await startConnectProxy(port);
    proxies.push(proxy);
    return proxy;
  };

  it('a file is asked for at the checked address, not at a name that the proxy would resolve', async () => {
    const { url, port } = await serve((_request, response) => response.end('whole'));
    const proxy = await open(port);
    const through = { http: proxy.url, direct: [] };
    const { bytes } = await here({ proxies: through }).fetch(url, LIMITS);
    expect(Buffer.from(bytes).toString()).toBe('whole');
    expect(proxy.asked).toEqual([`127.0.0.1:${port}`]);
  });

  it('an address inside is refused before the proxy is asked', async () => {
    const proxy = await open(1);
    const through = { https: proxy.url, http: proxy.url, direct: [] };
    for (const resolve of [['10.0.0.1'], ['127.0.0.1'], ['8.8.8.8', '::1']]) {
      const guard = new EgressGuard({ proxies: through, resolve: async () => resolve });
      expect(await refuse('https://files.test/x', guard)).toMatchObject({ code: 'INVALID_INPUT' });
    }
    expect(proxy.asked).toEqual([]);
  });

  it('that says no, the file cannot be had now', async () => {
    const proxy = await open(1);
    proxy.answerWith(403);
    const guard = here({ proxies: { http: proxy.url, direct: [] } });
    const refusal = await refuse('http://files.test/x', guard);
    expect(refusal).toMatchObject({ code: 'PLATFORM_DOWN' });
    expect(refusal.message).not.toContain('p@ss');
  });
});

describe('a receiver that an operator has named', () => {
  it('is posted to over http, on its port and inside of the network, and no other is', async () => {
    const { port, seen } = await serve((_request, response) => void response.end());
    const origin = `http://127.0.0.1:${port}`;
    const guard = new EgressGuard({ receivers: [origin] });
    const posting = { timeoutMs: 5_000, headers: {}, body: 'hello' };
    await guard.check(`${origin}/hook`);
    expect(await guard.post(`${origin}/hook`, posting)).toBe(200);
    expect(seen).toHaveLength(1);
    for (const other of [
      `http://127.0.0.1:${port + 1}/hook`,
      `http://user:word@127.0.0.1:${port}/hook`,
      `https://127.0.0.1:${port}/hook`,
    ])
      await expect(guard.check(other)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('is none to fetch files from', async () => {
    const { port } = await serve((_request, response) => void response.end('x'));
    const origin = `http://127.0.0.1:${port}`;
    const guard = new EgressGuard({ receivers: [origin] });
    expect(await refuse(`${origin}/file`, guard)).toMatchObject({ code: 'INVALID_INPUT' });
  });
});
