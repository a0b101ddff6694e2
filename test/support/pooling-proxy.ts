import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Client } from 'pg';

/** A pooler in transaction mode before a database. */
export interface PoolingProxy {
  /** The database through the pooler. */
  readonly url: string;
  close(): Promise<void>;
}

const SSL_REQUEST = 80_877_103;
const SYNC = 'S'.charCodeAt(0);
const QUERY = 'Q'.charCodeAt(0);
const TERMINATE = 'X'.charCodeAt(0);
const READY = 'Z'.charCodeAt(0);
const IDLE = 'I'.charCodeAt(0);

/** A connection to the server, lent to one client for one transaction at a time. */
interface ServerConnection {
  readonly stream: Socket;
  borrower: Socket | undefined;
}

/**
 * Starts a pooler that lends server connections for single transactions, the one that came back last
 * first, as PgBouncer does with pool_mode = transaction.
 * @param poolSize most connections to the server; a client that finds none free waits
 */
export async function startPoolingProxy(databaseUrl: string, poolSize = 10): Promise<PoolingProxy> {
  const clients = new Set<Socket>();
  const opened: Client[] = [];
  const idle: ServerConnection[] = [];
  const waiting: ((connection: ServerConnection) => void)[] = [];

  async function openServerConnection(): Promise<ServerConnection> {
    const client = new Client({ connectionString: databaseUrl });
    opened.push(client);
    client.on('error', () => undefined);
    await client.connect();
    const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
    // From here on its bytes go to the clients of the pooler.
    stream.removeAllListeners('data');
    const connection: ServerConnection = { stream, borrower: undefined };
    const messages = new Messages((type, message) => {
      connection.borrower?.write(message);
      if (type === READY) connection.borrower?.emit('transaction', message[5] === IDLE);
    });
    stream.on('data', (chunk: Buffer) => messages.take(chunk));
    return connection;
  }

  async function borrow(): Promise<ServerConnection> {
    const free = idle.pop();
    if (free) return free;
    if (opened.length < poolSize) return openServerConnection();
    return new Promise((resolve) => waiting.push(resolve));
  }

  function giveBack(connection: ServerConnection): void {
    connection.borrower = undefined;
    const next = waiting.shift();
    if (next) next(connection);
    else idle.push(connection);
  }

  function serve(socket: Socket): void {
    clients.add(socket);
    socket.on('error', () => undefined).on('close', () => clients.delete(socket));
    let connection: ServerConnection | undefined;
    let borrowing: Promise<void> = Promise.resolve();
    let unanswered = 0;
    socket.on('transaction', (isIdle: boolean) => {
      unanswered -= 1;
      if (!isIdle || unanswered > 0 || !connection) return;
      giveBack(connection);
      connection = undefined;
    });
    const forward = new Messages((type, message) => {
      if (type === SYNC || type === QUERY) unanswered += 1;
      borrowing = pass(borrowing, type, message);
    });
    async function pass(before: Promise<void>, type: number, message: Buffer): Promise<void> {
      await before;
      // A client that leaves needs no server connection: one opened for it would be cut while it connects.
      if (type === TERMINATE) return;
      if (!connection) {
        connection = await borrow();
        connection.borrower = socket;
      }
      connection.stream.write(message);
    }
    socket.once('data', function greet(chunk: Buffer) {
      if (chunk.readInt32BE(4) === SSL_REQUEST) {
        socket.write('N');
        socket.once('data', greet);
        return;
      }
      socket.write(WELCOME);
      socket.on('data', (bytes: Buffer) => forward.take(bytes));
    });
  }

  const server = createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    async close() {
      for (const socket of clients) socket.destroy();
      for (const client of opened)
        (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Cuts a stream into messages: a type of one byte, and a length that counts itself. */
class Messages {
  #rest = Buffer.alloc(0);

  constructor(private readonly onMessage: (type: number, message: Buffer) => void) {}

  take(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      if (this.#rest.length < 5) return;
      const length = 1 + this.#rest.readInt32BE(1);
      if (this.#rest.length < length) return;
      const message = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      this.onMessage(message[0] ?? 0, message);
    }
  }
}

/** Authenticated, with a key for cancelling that leads nowhere, and ready. */
const WELCOME = Buffer.from('5200000008000000004b0000000c00000001000000015a0000000549', 'hex');
