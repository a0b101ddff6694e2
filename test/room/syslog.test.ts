// Real: our writer, UDP, TCP and TLS sockets, and rsyslogd where the machine has it. Fake: receivers that
// are away, or read nothing.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { type SyslogTarget, SyslogWriter } from '../../src/observability/syslog.js';

const RSYSLOGD = ['/usr/sbin/rsyslogd', '/sbin/rsyslogd'].find((path) => existsSync(path));
function hasOpenssl(): boolean {
  return spawnSync('openssl', ['version']).status === 0;
}

const HEADER = /^<(\d+)>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ action-gateway \d+ (\S+) - (.*)$/s;

const toClose: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});

function openWriter(target: Partial<SyslogTarget> & { port: number }): SyslogWriter {
  const writer = new SyslogWriter(
    { host: '127.0.0.1', protocol: 'udp', facility: 'LOCAL0', ...target },
    () => undefined,
  );
  toClose.push(() => writer.close());
  return writer;
}

/** Takes messages apart by their counted octets, as RFC 6587 has it. */
function readCounted(bytes: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(' ', at);
    const length = Number(bytes.toString('utf8', at, space));
    expect(length).toBeGreaterThan(0);
    messages.push(bytes.toString('utf8', space + 1, space + 1 + length));
    at = space + 1 + length;
  }
  return messages;
}

/** A receiver that keeps what came. */
async function receive(
  server: Server,
  { port = 0, event = 'connection' } = {},
): Promise<{ port: number; bytes(): Buffer; cut(): void }> {
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.on(event, (socket: Socket) =>
    socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => undefined),
  );
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  toClose.push(cut);
  return { port: (server.address() as AddressInfo).port, bytes: () => Buffer.concat(chunks), cut };
}

describe('syslog', () => {
  it('speaks RFC 5424 over UDP, with the severity of the line and its area', async () => {
    const socket = createSocket('udp4');
    toClose.push(() => socket.close());
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const writer = openWriter({ port: socket.address().port, facility: 'LOCAL3' });
    const arrived = once(socket, 'message');
    writer.lastLevel = 40;
    writer.write('{"area":"authentication","msg":"refused ü"}\n');
    const [bytes] = (await arrived) as [Buffer];
    const [, priority, area, text] = HEADER.exec(bytes.toString()) ?? [];
    expect({ priority, area, text }).toEqual({
      priority: String(19 * 8 + 4),
      area: 'authentication',
      text: '{"area":"authentication","msg":"refused ü"}',
    });
  });

  it('counts octets on TCP, and goes on after the receiver was away', async () => {
    const first = await receive(createServer());
    const writer = openWriter({ port: first.port, protocol: 'tcp' });
    writer.write('{"n":1,"msg":"ümlaut"}\n');
    await expect.poll(() => readCounted(first.bytes()).length).toBe(1);
    first.cut();
    for (let n = 0; n < 5; n += 1) writer.write('{"n":2}\n');
    const second = await receive(createServer(), { port: first.port });
    writer.write('{"n":3}\n');
    await expect.poll(() => second.bytes().toString()).toContain('{"n":3}');
    for (const message of readCounted(second.bytes())) expect(message).toMatch(HEADER);
    expect(writer.dropped).toBe(0);
  });

  it.skipIf(!hasOpenssl())(
    'speaks over TLS to a receiver whose certificate it trusts, and to no other',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'syslog-'));
      toClose.push(() => rm(folder, { recursive: true, force: true }));
      const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      const request =
        'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost';
      const options = [...request.split(' '), '-addext', 'subjectAltName=DNS:localhost'];
      execFileSync('openssl', [...options, '-keyout', key, '-out', cert]);
      const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) });
      const receiver = await receive(server, { event: 'secureConnection' });
      const send = `
      const { SyslogWriter } = await import('./dist/observability/syslog.js');
      const target = { host: 'localhost', port: ${receiver.port}, protocol: 'tls', facility: 'USER' };
      const writer = new SyslogWriter(target, () => undefined);
      writer.write('{"msg":"over tls"}');
      await writer.close();`;
      const run = async (env: Record<string, string>): Promise<void> => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', send], {
          env: { PATH: process.env['PATH'], ...env },
          stdio: 'ignore',
        });
        await once(child, 'exit');
      };
      await run({});
      expect(receiver.bytes().length).toBe(0);
      await run({ NODE_EXTRA_CA_CERTS: cert });
      expect(readCounted(receiver.bytes())[0]).toMatch(/^<14>1 .*"over tls"/);
    },
  );

  it('keeps a bounded lot for a receiver that reads nothing, and counts what it drops', async () => {
    const server = createServer();
    const { port } = await receive(server, { event: 'nobody reads' });
    const writer = openWriter({ port, protocol: 'tcp' });
    const line = JSON.stringify({ msg: 'x'.repeat(4_000) });
    // In one turn: no write waits for the receiver.
    for (let n = 0; n < 20_000; n += 1) expect(writer.write(line)).toBeUndefined();
    expect(writer.dropped).toBeGreaterThan(15_000);
  });

  it.skipIf(!RSYSLOGD)(
    'is understood by rsyslogd (skipped where the Debian package rsyslog is not installed)',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'rsyslog-'));
      toClose.push(() => rm(folder, { recursive: true, force: true }));
      const { port, cut } = await receive(createServer());
      cut();
      const out = join(folder, 'out.log');
      const lines = [
        'module(load="imtcp")',
        'module(load="imudp")',
        `input(type="imtcp" port="${port}" address="127.0.0.1")`,
        `input(type="imudp" port="${port}" address="127.0.0.1")`,
        String.raw`template(name="t" type="string" string="%syslogfacility-text%|%syslogseverity-text%|%app-name%|%msgid%|%protocol-version%|%msg%\n")`,
        `*.* action(type="omfile" file="${out}" template="t" asyncWriting="off")`,
      ];
      await writeFile(join(folder, 'conf'), `${lines.join('\n')}\n`);
      const daemon = spawn(RSYSLOGD ?? '', [
        '-n',
        '-f',
        join(folder, 'conf'),
        '-i',
        join(folder, 'pid'),
      ]);
      toClose.push(async () => {
        daemon.kill('SIGKILL');
        if (daemon.exitCode === null && daemon.signalCode === null) await once(daemon, 'exit');
      });
      const writer = openWriter({ port, protocol: 'tcp', facility: 'LOCAL5' });
      writer.lastLevel = 50;
      writer.write('{"area":"audit","msg":"by tcp ü"}');
      const read = (): string => (existsSync(out) ? readFileSync(out, 'utf8') : '');
      await expect
        .poll(read)
        .toContain('local5|err|action-gateway|audit|1|{"area":"audit","msg":"by tcp ü"}');
      openWriter({ port, facility: 'LOCAL5' }).write('{"msg":"by udp"}');
      await expect.poll(read).toContain('local5|info|action-gateway|-|1|{"msg":"by udp"}');
    },
    30_000,
  );
});
