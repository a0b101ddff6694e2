// Real: the built gateway as a process, certificates, TLS over sockets. Fake: Twitch, at the wire.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { connect, type SecureVersion } from 'node:tls';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestAuthority, type TestCertificate } from '../support/certificates.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type GatewayProcess, makeToken, startGateway, startInVain } from '../support/gateway.js';
import { GrpcClient, type GrpcRefusal } from '../support/grpc-client.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

let sandbox: TestSandbox;
let database: { url: string; drop(): Promise<void> };
let authority: TestAuthority;
let stranger: TestAuthority;
let server: TestCertificate;
let client: TestCertificate;
let gateway: GatewayProcess;

/** Who knocks, by what. */
type Client = Pick<TestCertificate, 'cert' | 'key'> | undefined;

beforeAll(async () => {
  [sandbox, database, authority, stranger] = await Promise.all([
    startTestSandbox(),
    createDatabase(),
    TestAuthority.make(),
    TestAuthority.make('stranger'),
  ]);
  [server, client] = await Promise.all([authority.sign('server'), authority.sign('client')]);
  const files = (door: string): Record<string, string> => ({
    [`${door}_TLS_CERT`]: server.certFile,
    [`${door}_TLS_KEY`]: server.keyFile,
    [`${door}_TLS_CLIENT_CA`]: authority.ca.certFile,
  });
  gateway = await startGateway({
    ...sandbox.env,
    DATABASE_URL: database.url,
    ...files('GRPC'),
    ...files('REST'),
  });
});

afterAll(async () => {
  await gateway?.stop();
  await sandbox?.close();
  await database?.drop();
  await authority?.remove();
  await stranger?.remove();
});

const hello = {
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message: 'Hello, chat!' },
  dry_run: true,
};
const portOf = (address: string): number => Number(address.split(':').at(-1));

function tryGrpc(who: Client): Promise<string> {
  const secure = credentials.createSsl(
    Buffer.from(authority.ca.cert),
    who ? Buffer.from(who.key) : null,
    who ? Buffer.from(who.cert) : null,
  );
  return ask(new GrpcClient(gateway.grpcAddress, {}, secure));
}

async function ask(grpc: GrpcClient): Promise<string> {
  try {
    return (await grpc.execute(hello, { deadlineMs: 5_000 })).status;
  } catch (error) {
    return (error as GrpcRefusal).code;
  } finally {
    grpc.close();
  }
}

/** The status of an answer, or what became of the connection. */
function tryRest(who: Client, maxVersion: SecureVersion = 'TLSv1.3'): Promise<string> {
  const body = JSON.stringify(hello);
  const port = portOf(gateway.restUrl);
  return new Promise((resolve) => {
    const options = {
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: '/api/v1/actions/execute',
      headers: {
        authorization: `Bearer ${makeToken()}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
      agent: false,
      ca: authority.ca.cert,
      ...who,
      minVersion: 'TLSv1' as const,
      maxVersion,
      // Versions this old are only offered at the lowest level of security.
      ...(maxVersion < 'TLSv1.2' && { ciphers: 'DEFAULT:@SECLEVEL=0' }),
    };
    request(options, (answer) => {
      answer.resume();
      resolve(String(answer.statusCode));
    })
      .on('error', () => resolve('refused'))
      .end(body);
  });
}

/** The serial number of the certificate that a door shows. */
function readSerial(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca: authority.ca.cert, ...client }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

/** The exit code of a program of the build. */
function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  const child = spawn(process.execPath, args, { env, stdio: 'ignore' });
  return once(child, 'exit').then(() => child.exitCode);
}

describe('doors that demand a client certificate', () => {
  it('let the right one in', async () => {
    expect([await tryGrpc(client), await tryRest(client)]).toEqual(['PREPARED', '200']);
  });

  it('keep everybody else out, and go on serving', async () => {
    const wrong: readonly [string, Client][] = [
      ['none', undefined],
      ['of another authority', await stranger.sign('client')],
      ['expired', await authority.sign('late', { isExpired: true })],
    ];
    for (const [name, who] of wrong) {
      expect([name, await tryGrpc(who), await tryRest(who)]).toEqual([
        name,
        'UNAVAILABLE',
        'refused',
      ]);
      expect([await tryGrpc(client), await tryRest(client)]).toEqual(['PREPARED', '200']);
    }
  });

  it('answer nothing to plain text', async () => {
    expect(await ask(new GrpcClient(gateway.grpcAddress))).toBe('UNAVAILABLE');
    const heard = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connectPlain(portOf(gateway.restUrl), '127.0.0.1');
      socket.on('data', (bytes) => (text += bytes.toString('latin1')));
      socket.on('close', () => resolve(text)).on('error', () => undefined);
      socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
    });
    expect(heard).not.toMatch(/status|HTTP\/1.1 200/);
    expect([await tryGrpc(client), await tryRest(client)]).toEqual(['PREPARED', '200']);
  });

  it('speak no version of TLS before 1.2', async () => {
    expect(await tryRest(client, 'TLSv1.2')).toBe('200');
    expect(await tryRest(client, 'TLSv1.1')).toBe('refused');
  });

  it('are asked by the probe and the command line, which show a certificate as well', async () => {
    const env = {
      PATH: process.env['PATH'],
      DATA_DIR: authority.folder,
      REST_PORT: String(portOf(gateway.restUrl)),
    };
    const files = { REST_TLS_CERT: client.certFile, REST_TLS_KEY: client.keyFile };
    const probe = ['dist/cli/probe.js', 'ready'];
    expect([await run(probe, { ...env, ...files }), await run(probe, env)]).toEqual([0, 1]);
    const address = `localhost:${portOf(gateway.grpcAddress)}`;
    const options = ['--dry-run', '--address', address, '--token', makeToken()];
    const call = ['dist/cli/call.js', 'twitch', 'chat_message', '{"message":"hi"}', ...options];
    call.push('--ca', authority.ca.certFile);
    const shown = ['--cert', client.certFile, '--key-file', client.keyFile];
    expect([await run([...call, ...shown], env), await run(call, env)]).toEqual([0, 1]);
  });

  it('take up what is renewed on disk, and nothing that does not fit', async () => {
    const ports = [portOf(gateway.grpcAddress), portOf(gateway.restUrl)];
    const serials = (): Promise<string[]> => Promise.all(ports.map(readSerial));
    const [before = ''] = await serials();
    const rightKey = readFileSync(server.keyFile);
    const { key: foreignKey } = await authority.sign('foreign');
    writeFileSync(server.keyFile, foreignKey);
    await gateway.waitForLine(/REST_TLS_KEY .* is not the key of .* stays in force/);
    await gateway.waitForLine(/GRPC_TLS_KEY .* is not the key of .* stays in force/);
    expect(await serials()).toEqual([before, before]);
    writeFileSync(server.keyFile, rightKey);
    await authority.sign('server');
    await eventually(serials, ([one, other]) => one !== before && one === other);
    expect([await tryGrpc(client), await tryRest(client)]).toEqual(['PREPARED', '200']);
    expect(await tryRest(undefined)).toBe('refused');
  });
});

describe('a gateway whose files are of no use', () => {
  it.each([
    [
      'is not there',
      () => ({ REST_TLS_CERT: '/nowhere/tls.crt' }),
      /REST_TLS_CERT \(\/nowhere\/tls.crt\) cannot be used: ENOENT/,
    ],
    [
      'is no certificate',
      () => ({ REST_TLS_CERT: client.keyFile }),
      /REST_TLS_CERT .* cannot be used/,
    ],
    ['is no key', () => ({ REST_TLS_KEY: client.certFile }), /REST_TLS_KEY .* cannot be used/],
    [
      'is the key of another',
      () => ({ REST_TLS_KEY: authority.ca.keyFile }),
      /REST_TLS_KEY .* is not the key of REST_TLS_CERT/,
    ],
    [
      'is no authority',
      () => ({ REST_TLS_CLIENT_CA: client.keyFile }),
      /REST_TLS_CLIENT_CA .* cannot be used/,
    ],
  ])('does not start: one %s', async (_name, change, says) => {
    const output = await startInVain({
      ...sandbox.env,
      DATABASE_URL: database.url,
      REST_TLS_CERT: client.certFile,
      REST_TLS_KEY: client.keyFile,
      ...change(),
    } as Record<string, string>);
    expect(output).toMatch(/The configuration cannot work/);
    expect(output).toMatch(says);
  });
});
