import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { FACILITIES } from '../config/settings.js';

/** Where the lines go. */
export interface SyslogTarget {
  readonly host: string;
  readonly port: number;
  readonly protocol: 'udp' | 'tcp' | 'tls';
  readonly facility: (typeof FACILITIES)[number];
}

const METADATA: unique symbol = Symbol.for('pino.metadata');
const APP_NAME = 'action-gateway';
/** What waits for a receiver that is slow or away; beyond it lines are dropped and counted. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;
const MOST_AT_ONCE_BYTES = 64 * 1024;
/** Fits a datagram with its headers. */
const LONGEST_DATAGRAM = 65_000;
const SHORTEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
const TELL_EVERY_MS = 10_000;
const LAST_WORDS_MS = 2_000;

/** Sends lines one after the other over something that may be away. */
interface Line {
  /** Resolves when the system has taken the messages. */
  send(messages: readonly Buffer[]): Promise<void>;
  close(): void;
}

/**
 * Writes lines of the log as RFC 5424 to a syslog receiver. It never keeps the process waiting: lines
 * wait in a bounded buffer while the receiver is away, and what does not fit is dropped and counted.
 * @see https://www.rfc-editor.org/rfc/rfc5424 and, for the framing on TCP and TLS, RFC 6587
 */
export class SyslogWriter {
  /** Set by pino to the level of each line. */
  readonly [METADATA] = true;
  lastLevel = 30;
  /** Lines that were lost for want of room, or of a receiver. */
  dropped = 0;
  readonly #waiting: Buffer[] = [];
  readonly #facility: number;
  readonly #header = `${cleanName(hostname(), 255)} ${APP_NAME} ${process.pid}`;
  readonly #teller: NodeJS.Timeout;
  #waitingBytes = 0;
  #told = 0;
  #line: Line | undefined;
  #pumping: Promise<void> | undefined;
  #closed = false;

  /** @param report is called with faults, at most every ten seconds */
  constructor(
    private readonly target: SyslogTarget,
    private readonly report: (trouble: string) => void,
  ) {
    this.#facility = FACILITIES.indexOf(target.facility);
    this.#teller = setInterval(() => this.#tell(), TELL_EVERY_MS).unref();
  }

  /** Takes a line of JSON; never waits and never throws. */
  write(line: string): void {
    const message = this.#frame(line.trimEnd());
    if (this.#closed || this.#waitingBytes + message.length > MOST_WAITING_BYTES) {
      this.dropped += 1;
      return;
    }
    this.#waiting.push(message);
    this.#waitingBytes += message.length;
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = undefined;
    });
  }

  /** Sends what waits, for as long as a stopping process may take, and ends. */
  async close(): Promise<void> {
    await Promise.race([this.#pumping, sleep(LAST_WORDS_MS)]);
    this.#closed = true;
    clearInterval(this.#teller);
    this.#line?.close();
  }

  async #pump(): Promise<void> {
    let pauseMs = SHORTEST_PAUSE_MS;
    while (this.#waiting.length > 0 && !this.#closed) {
      const batch = this.#listNext();
      try {
        this.#line ??= await openLine(this.target);
        await this.#line.send(batch);
        this.#waiting.splice(0, batch.length);
        for (const { length } of batch) this.#waitingBytes -= length;
        pauseMs = SHORTEST_PAUSE_MS;
      } catch {
        this.#line?.close();
        this.#line = undefined;
        await sleep(pauseMs, undefined, { ref: false });
        pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      }
    }
  }

  #listNext(): Buffer[] {
    let bytes = 0;
    const end = this.#waiting.findIndex(({ length }) => (bytes += length) > MOST_AT_ONCE_BYTES);
    return this.#waiting.slice(0, end === -1 ? undefined : Math.max(1, end));
  }

  #frame(line: string): Buffer {
    const priority = this.#facility * 8 + severityOf(this.lastLevel);
    const [, area = '-'] = /"area":"(\w+)"/.exec(line) ?? [];
    const header = `<${priority}>1 ${new Date().toISOString()} ${this.#header} ${area} - `;
    const message = Buffer.from(header + line);
    if (this.target.protocol === 'udp') return message.subarray(0, LONGEST_DATAGRAM);
    return Buffer.concat([Buffer.from(`${message.length} `), message]);
  }

  #tell(): void {
    if (this.dropped === this.#told) return;
    this.#told = this.dropped;
    this.report(`syslog at ${this.target.host}: ${this.dropped} lines were dropped so far`);
  }
}

function openLine({ protocol, host, port }: SyslogTarget): Promise<Line> {
  return protocol === 'udp' ? openUdp(host, port) : openStream(protocol, host, port);
}

async function openUdp(host: string, port: number): Promise<Line> {
  const { address, family } = await lookup(host);
  const socket: UdpSocket = createSocket(family === 6 ? 'udp6' : 'udp4').unref();
  // No receiver listens there; a later datagram may find one.
  socket.on('error', () => undefined);
  const sendOne = (message: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      socket.send(message, port, address, (error) => (error ? reject(error) : resolve()));
    });
  return {
    async send(messages) {
      for (const message of messages) await sendOne(message);
    },
    close: () => socket.close(),
  };
}

async function openStream(protocol: string, host: string, port: number): Promise<Line> {
  const isTls = protocol === 'tls';
  const socket: Socket = isTls
    ? connectTls({ host, port, servername: host })
    : connectTcp({ host, port });
  socket.unref();
  await new Promise<void>((resolve, reject) => {
    socket.once(isTls ? 'secureConnect' : 'connect', resolve);
    socket.once('error', reject).once('close', () => reject(new Error('it closed')));
  });
  socket.on('error', () => undefined);
  // Nothing is expected back, and what comes must not stop the news of its end.
  socket.resume();
  return {
    send: (messages) =>
      new Promise((resolve, reject) => {
        const lost = (): void => reject(new Error('it closed'));
        if (socket.destroyed || socket.readableEnded) return lost();
        socket.once('close', lost);
        socket.write(Buffer.concat(messages), (error) => {
          socket.off('close', lost);
          if (error) reject(error);
          else resolve();
        });
      }),
    close: () => socket.destroySoon(),
  };
}

/** The severity of syslog for a level of pino. */
function severityOf(level: number): number {
  if (level >= 60) return 2;
  if (level >= 50) return 3;
  if (level >= 40) return 4;
  return level >= 30 ? 6 : 7;
}

/** A field of the header: printable ASCII without spaces. */
function cleanName(name: string, longest: number): string {
  return name.replaceAll(/[^\x21-\x7e]/g, '-').slice(0, longest) || '-';
}
