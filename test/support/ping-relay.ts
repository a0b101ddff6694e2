import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A relay before the gRPC door that counts the HTTP/2 pings of the client. */
export interface PingRelay {
  readonly address: string;
  /** Pings that the client has sent, answers to the server's own left out. */
  readonly pings: number;
  /** How often the server has told a connection to end. */
  readonly goAways: number;
  close(): Promise<void>;
}

const PREFACE_BYTES = 24;
const HEAD_BYTES = 9;
const PING = 6;
const GO_AWAY = 7;
const ACK = 1;

export async function startPingRelay(grpcAddress: string): Promise<PingRelay> {
  const [host = '', port = ''] = grpcAddress.split(':');
  const sockets = new Set<Socket>();
  const counted = { pings: 0, goAways: 0 };
  const server = createServer((client) => {
    const gateway = connect(Number(port), host);
    for (const socket of [client, gateway]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        client.destroy();
        gateway.destroy();
      });
    }
    readFrames(client, PREFACE_BYTES, (type, flags) => {
      if (type === PING && (flags & ACK) === 0) counted.pings += 1;
    });
    readFrames(gateway, 0, (type) => {
      if (type === GO_AWAY) counted.goAways += 1;
    });
    client.pipe(gateway);
    gateway.pipe(client);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get pings() {
      return counted.pings;
    },
    get goAways() {
      return counted.goAways;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Calls back with the type and the flags of every frame that a socket receives. */
function readFrames(
  socket: Socket,
  prefaceBytes: number,
  onFrame: (type: number, flags: number) => void,
): void {
  let toSkip = prefaceBytes;
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const skipped = Math.min(toSkip, pending.length);
      toSkip -= skipped;
      pending = pending.subarray(skipped);
      if (toSkip > 0 || pending.length < HEAD_BYTES) return;
      onFrame(pending.readUInt8(3), pending.readUInt8(4));
      toSkip = HEAD_BYTES + pending.readUIntBE(0, 3);
    }
  });
}
