// Real: the libraries whose undocumented parts src/vendor uses, over sockets. A new version that moves a part is
// noticed here; the tables of HTTP/2 sessions have a file of their own, http2-streams.test.ts.
import 'reflect-metadata';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2, type Http2Server } from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerInterceptor,
  type ServiceDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GrpcMethod, type GrpcOptions, Transport } from '@nestjs/microservices';
import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DataSource } from 'typeorm';
import { ValidateBy, Validator } from '../../src/vendor/class-validator.js';
import { writeAtLevel } from '../../src/vendor/pino.js';
import { readCallParts } from '../../src/vendor/grpc-js-call.js';
import { observeCall, passCall, replaceSendStatus } from '../../src/vendor/grpc-js-observer.js';
import { findHttp2Servers, passInterceptors } from '../../src/vendor/grpc-js-server.js';
import { replaceHandlers } from '../../src/vendor/nest-grpc.js';
import { isPausedByNode, takeParser } from '../../src/vendor/node-http.js';
import { findPool } from '../../src/vendor/typeorm.js';
import { Agent, buildConnector } from '../../src/vendor/undici.js';

type Reply = (error: null, answer: object) => void;

const same = (bytes: Buffer): Buffer => bytes;
const ECHO: ServiceDefinition = {
  Echo: {
    path: '/test.Test/Echo',
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  },
};

/** A server that echoes, with interceptors, and a client of it. */
async function openEcho(
  interceptors: readonly ServerInterceptor[] = [],
  options: object = {},
): Promise<{ server: Server; port: number; ask(bytes: Buffer): Promise<string | ServiceError> }> {
  const server = new Server({ ...passInterceptors(interceptors), ...options });
  server.addService(ECHO, {
    Echo: (call: { request: Buffer }, callback: (error: null, answer: Buffer) => void) =>
      callback(null, call.request),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  onTestFinished(() => server.forceShutdown());
  return { server, port, ask: openClient(port, '/test.Test/Echo') };
}

function openClient(port: number, path: string): (bytes: Buffer) => Promise<string | ServiceError> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  onTestFinished(() => client.close());
  return (bytes) =>
    new Promise((resolve) => {
      client.makeUnaryRequest(path, same, same, bytes, (error, answer) =>
        resolve(error ?? String(answer)),
      );
    });
}

describe('src/vendor', () => {
  it('grpc-js: a call has the members that bound what it holds', async () => {
    const seen: Record<string, unknown>[] = [];
    const { ask } = await openEcho([
      (_method, call) => {
        const { stream, decoder, handleDataFrame, serializeMessage, sendMessage, startRead } =
          readCallParts(call);
        seen.push({
          stream: typeof stream.close,
          readState: typeof decoder.readState,
          readMessageSize: typeof decoder.readMessageSize,
          readMessageRemaining: typeof decoder.readMessageRemaining,
          readPartialMessage: Array.isArray(decoder.readPartialMessage),
          handleDataFrame: typeof handleDataFrame,
          serializeMessage: typeof serializeMessage,
          sendMessage: typeof sendMessage,
          startRead: typeof startRead,
        });
        return passCall(call);
      },
    ]);
    expect(await ask(Buffer.from('x'))).toBe('x');
    expect(seen).toEqual([
      {
        stream: 'function',
        readState: 'number',
        readMessageSize: 'number',
        readMessageRemaining: 'number',
        readPartialMessage: true,
        handleDataFrame: 'function',
        serializeMessage: 'function',
        sendMessage: 'function',
        startRead: 'function',
      },
    ]);
  });

  it('grpc-js: an observer is told of a call before its handler, and may answer in its place', async () => {
    const seen: string[] = [];
    const { ask } = await openEcho([
      (_method, call) =>
        observeCall(call, {
          onMetadata: () => seen.push('metadata') > 0,
          onMessage: () => void seen.push('message'),
        }),
    ]);
    expect(await ask(Buffer.from('x'))).toBe('x');
    expect(seen).toEqual(['metadata', 'message']);
    const refusing = await openEcho([
      (_method, call) =>
        observeCall(call, {
          onMetadata: () => {
            call.sendStatus({ code: status.PERMISSION_DENIED, details: 'not here' });
            return false;
          },
        }),
    ]);
    expect(await refusing.ask(Buffer.from('x'))).toMatchObject({ details: 'not here' });
  });

  it('grpc-js: a refusal that is made inside of a call passes the replaced method', async () => {
    const { ask } = await openEcho(
      [
        (_method, call) => {
          replaceSendStatus(call, (answer, send) => {
            const metadata = new Metadata();
            metadata.set('replaced', '1');
            send({ ...answer, metadata });
          });
          return passCall(call);
        },
      ],
      { 'grpc.max_receive_message_length': 10 },
    );
    const refusal = (await ask(Buffer.alloc(11))) as ServiceError;
    expect(refusal.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(refusal.metadata.get('replaced')).toEqual(['1']);
  });

  it('grpc-js: a server that listens has its HTTP/2 server and the sessions of it', async () => {
    const { server, port, ask } = await openEcho();
    expect(await ask(Buffer.from('x'))).toBe('x');
    const [found] = findHttp2Servers(server);
    const [listening, { sessions } = { sessions: new Set() }] = found ?? [];
    expect(listening?.address()).toMatchObject({ port });
    expect(sessions.size).toBe(1);
    const session: ClientHttp2Session = connectHttp2(`http://127.0.0.1:${port}`);
    onTestFinished(() => session.close());
    await once(session, 'remoteSettings');
    expect(sessions.size).toBe(2);
    expect(() => findHttp2Servers({} as Server)).toThrow(/keeps its HTTP\/2 servers elsewhere/);
  });

  it('Nest: hands interceptors to the server, and registers the replaced handlers', async () => {
    @Controller()
    class Health {
      @GrpcMethod('Health', 'Check')
      check(): never {
        throw new Error('The handler of Nest is called');
      }
    }
    @Module({ controllers: [Health] })
    class App {}
    const seen: string[] = [];
    const note: ServerInterceptor = ({ path }, call) => {
      seen.push(path);
      return passCall(call);
    };
    let grpc = new Server();
    const options: GrpcOptions = {
      transport: Transport.GRPC,
      options: {
        url: '127.0.0.1:0',
        package: 'grpc.health.v1',
        protoPath: join(
          'node_modules',
          'grpc-health-check',
          'proto',
          'health',
          'v1',
          'health.proto',
        ),
        channelOptions: passInterceptors([note]),
        onLoadPackageDefinition: (_definition, server: Server) => {
          replaceHandlers(server, (service) => ({
            [Object.keys(service)[0] ?? '']: (_call: unknown, callback: Reply) =>
              callback(null, { status: 'SERVING' }),
          }));
          grpc = server;
        },
      },
    };
    const app = await NestFactory.createMicroservice(App, { ...options, logger: false });
    await app.listen();
    onTestFinished(() => app.close());
    const [[listening] = []] = findHttp2Servers(grpc);
    const { port } = (listening as Http2Server).address() as AddressInfo;
    const answer = await openClient(port, '/grpc.health.v1.Health/Check')(Buffer.alloc(0));
    // Field 1 is the status, of which 1 is SERVING.
    expect(Buffer.from(String(answer))).toEqual(Buffer.from([8, 1]));
    expect(seen).toEqual(['/grpc.health.v1.Health/Check']);
  });

  it('node:http: the parser of a connection can be taken off, and fed', async () => {
    const slices: number[] = [];
    const server = createServer((request, response) => {
      expect(isPausedByNode(request.socket)).toBe(false);
      response.end(request.headers['x-long']);
    });
    server.on('connection', (socket: Socket) => {
      const parse = takeParser(socket, (bytes) => {
        for (let at = 0; at < bytes.length; at += 100) {
          slices.push(at);
          parse?.(bytes.subarray(at, at + 100));
        }
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const long = 'x'.repeat(1_000);
    const request = get({ port, host: '127.0.0.1', headers: { 'x-long': long }, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of response) body += String(chunk);
    expect(body).toBe(long);
    expect(slices.length).toBeGreaterThan(10);
  });

  it('node:http: marks a connection that it pauses for answers that are not read', async () => {
    const pipelined = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(64);
    const paused = new Promise<boolean>((resolve) => {
      const server = createServer((request, response) => {
        response.end(Buffer.alloc(1_048_576));
        if (isPausedByNode(request.socket)) resolve(true);
      });
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo;
        const client = connect(port, '127.0.0.1', () => {
          client.pause();
          client.write(pipelined);
        });
        onTestFinished(() => {
          client.destroy();
          server.close();
        });
      });
    });
    expect(await paused).toBe(true);
  });

  it('class-validator: a decorator that is made here is found by the validator', () => {
    class Sample {
      @ValidateBy({ name: 'isEven', validator: { validate: (value) => Number(value) % 2 === 0 } })
      value = 1;
    }
    const [fault] = new Validator().validateSync(new Sample());
    expect(fault?.constraints).toHaveProperty('isEven');
  });

  it('undici: an agent has a connector of its own, and dispatches', async () => {
    expect(buildConnector({ timeout: 1 })).toBeTypeOf('function');
    const agent = new Agent({ connect: buildConnector({ timeout: 1_000 }) });
    const fault = new Promise<Error>((resolve) => {
      agent.dispatch(
        { origin: 'http://127.0.0.1:9', path: '/', method: 'GET' },
        {
          onRequestStart: () => undefined,
          onResponseError: (_controller, error) => resolve(error),
        },
      );
    });
    expect((await fault).message).toMatch(/ECONNREFUSED/);
    await agent.close();
  });

  it('typeorm: a data source that is not open has no pool, and says so', () => {
    const source = new DataSource({ type: 'postgres' });
    expect(() => findPool(source)).toThrow(/keeps the pool of PostgreSQL elsewhere/);
  });

  it('pino: a stream of several outlets passes a line on by its level', () => {
    const lines: Record<string, string[]> = { all: [], warnings: [] };
    const outlet = (name: string) => ({ write: (line: string) => void lines[name]?.push(line) });
    const streams = pino.multistream([
      { level: 'trace', stream: outlet('all') },
      { level: 'warn', stream: outlet('warnings') },
    ]);
    writeAtLevel(streams, 30, 'info');
    writeAtLevel(streams, 40, 'warn');
    expect(lines).toEqual({ all: ['info', 'warn'], warnings: ['warn'] });
  });
});
