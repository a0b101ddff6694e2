import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Where a statement is held: before PostgreSQL hears of it, or after it is done and nobody was told. */
export type HoldPoint = 'before' | 'after';

/** What is lost on its way without an error at either end. */
type Swallowed = 'nothing' | 'requests' | 'answers' | 'both';

/** A TCP proxy before a database that can hold statements, lose bytes, cut connections and change its target. */
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
  /** Loses the bytes of these directions. A connection that has lost some stays broken; new ones go by the last call. */
  swallow(what: Swallowed): void;
  /** Ends every open connection with a TCP reset at both ends. */
  cut(): void;
  /** Leads new connections to another server. */
  retarget(databaseUrl: string): void;
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
  let target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let hold: Hold | undefined;
  let swallowed: Swallowed = 'nothing';
  const loses = (direction: 'requests' | 'answers'): boolean =>
    swallowed === direction || swallowed === 'both';
  let delay: Delay | undefined;

  const server = createServer((client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port) });
    // What was swallowed is gone: a connection that was dead stays dead.
    const lost = { requests: loses('requests'), answers: loses('answers') };
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
      lost.requests ||= loses('requests');
      if (lost.requests) return;
      const seen = tail + chunk.toString('latin1');
      tail = seen.slice(-4_096);
      if (delay && seen.includes(delay.text)) {
        const { onLate } = delay;
        delay = undefined;
        lost.requests = true;
        lost.answers = true;
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
          lost.requests = true;
          lost.answers = true;
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
      lost.answers ||= loses('answers');
      if (lost.answers) return;
      // ReadyForQuery ends the answer: by then the statement is committed.
      if (waitsForAnswer) {
        if (!chunk.subarray(-6).equals(READY)) return;
        lost.requests = true;
        lost.answers = true;
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
      swallowed = dead ? 'both' : 'nothing';
    },
    swallow(what) {
      swallowed = what;
    },
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    retarget(otherUrl) {
      target = new URL(otherUrl);
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
