import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Where a statement is held: before PostgreSQL hears of it, or after it is done and nobody was told. */
export type HoldPoint = 'before' | 'after';

/** A place between a gateway and its PostgreSQL where statements can be held and the line goes dead. */
export interface PostgresProxy {
  /** The database as the gateway shall reach it. */
  readonly url: string;
  /** Holds the next statement that contains a text. @returns what resolves when it is held */
  holdNext(text: string, point: HoldPoint): Promise<void>;
  /**
   * The next statement that contains a text is late: its connection ends for the gateway, and PostgreSQL
   * hears of it when it is delivered.
   */
  delayNext(text: string): Promise<LateStatement>;
  /** Both directions swallow everything, and nobody is told; false lets new connections through again. */
  setDead(dead: boolean): void;
  close(): Promise<void>;
}

/** A statement that is on its way although its sender has given it up. */
interface LateStatement {
  /** Lets it arrive. Resolves when PostgreSQL has carried it out or refused it. */
  deliver(): Promise<void>;
}

interface Delay {
  readonly text: string;
  readonly onLate: (statement: LateStatement) => void;
}

interface Hold {
  readonly text: string;
  readonly point: HoldPoint;
  readonly onHeld: () => void;
}

/** Starts a proxy in front of a database. */
export async function startPostgresProxy(databaseUrl: string): Promise<PostgresProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let hold: Hold | undefined;
  let delay: Delay | undefined;
  let isDead = false;

  const server = createServer((client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port) });
    // What was swallowed is gone: a connection that was dead stays dead.
    let isCut = isDead;
    let isLate = false;
    let waitsForAnswer: Hold | undefined;
    let tail = '';
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        if (!isLate || socket === upstream) upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      isCut ||= isDead;
      if (isCut) return;
      const seen = tail + chunk.toString('latin1');
      tail = seen.slice(-4_096);
      if (delay && seen.includes(delay.text)) {
        const { onLate } = delay;
        delay = undefined;
        isCut = true;
        isLate = true;
        client.destroy();
        onLate({
          async deliver() {
            const answered = new Promise<void>((resolve) => {
              upstream.on('data', (answer) => {
                if (answer.subarray(-6).equals(READY)) resolve();
              });
            });
            upstream.write(chunk);
            await answered;
            upstream.destroy();
          },
        });
        return;
      }
      if (hold && seen.includes(hold.text)) {
        const { point, onHeld } = hold;
        if (point === 'before') {
          isCut = true;
          hold = undefined;
          onHeld();
          return;
        }
        waitsForAnswer = hold;
        hold = undefined;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      isCut ||= isDead;
      if (isCut) return;
      // ReadyForQuery ends the answer: by then the statement is committed.
      if (waitsForAnswer) {
        if (!chunk.subarray(-6).equals(READY)) return;
        isCut = true;
        waitsForAnswer.onHeld();
        return;
      }
      client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    holdNext: (text, point) =>
      new Promise((resolve) => {
        hold = { text, point, onHeld: resolve };
      }),
    delayNext: (text) =>
      new Promise((resolve) => {
        delay = { text, onLate: resolve };
      }),
    setDead(dead) {
      isDead = dead;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** `Z`, its length, and idle. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
