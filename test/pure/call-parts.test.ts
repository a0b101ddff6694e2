// Real: grpc-js, a server and a client over a socket. What is held against it are the private members that
// the bounds of gRPC calls need: a new version of the library that renames one is noticed here.
import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import { expect, it } from 'vitest';

const same = (bytes: Buffer): Buffer => bytes;

it('a call of grpc-js has the members that its bounds need', async () => {
  const seen: Record<string, string>[] = [];
  const look: ServerInterceptor = (_method, call) => {
    const { stream, decoder, handleDataFrame, sendMessage, sendStatus, startRead } =
      call as unknown as Record<string, Record<string, unknown>>;
    seen.push({
      stream: typeof stream?.['close'],
      readState: typeof decoder?.['readState'],
      readMessageSize: typeof decoder?.['readMessageSize'],
      readMessageRemaining: typeof decoder?.['readMessageRemaining'],
      readPartialMessage: String(Array.isArray(decoder?.['readPartialMessage'])),
      handleDataFrame: typeof handleDataFrame,
      sendMessage: typeof sendMessage,
      sendStatus: typeof sendStatus,
      startRead: typeof startRead,
    });
    return call as ReturnType<ServerInterceptor>;
  };
  const server = new Server({ interceptors: [look] });
  server.addService(
    {
      Echo: {
        path: '/test.Test/Echo',
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    },
    {
      Echo: (call: { request: Buffer }, callback: (error: null, answer: Buffer) => void) =>
        callback(null, call.request),
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  await new Promise<void>((resolve, reject) => {
    client.makeUnaryRequest('/test.Test/Echo', same, same, Buffer.from('x'), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  client.close();
  server.forceShutdown();
  expect(seen).toEqual([
    {
      stream: 'function',
      readState: 'number',
      readMessageSize: 'number',
      readMessageRemaining: 'number',
      readPartialMessage: 'true',
      handleDataFrame: 'function',
      sendMessage: 'function',
      sendStatus: 'function',
      startRead: 'function',
    },
  ]);
});
