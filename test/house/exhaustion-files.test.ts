// Real: the built gateway as a process, PostgreSQL, HTTP over sockets. Fake: Discord and the server of the files.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import { GatewayMemory } from '../support/memory.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { TwoDoors } from '../support/two-doors.js';

const FILE = Buffer.alloc(8 * 1_048_576, 'x');
const MOST_MEBIBYTES = 300;

let discord: RecordingDiscord;
let sandbox: TestSandbox;
let database: { url: string; drop(): Promise<void> };
let doors: TwoDoors;

/** Serves files, and takes messages whose bytes it counts. */
class RecordingDiscord {
  readonly received: number[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '' } = request;
    if (url.startsWith('/files/')) {
      const isAnnounced = url.startsWith('/files/announced');
      response.writeHead(200, { ...(isAnnounced && { 'content-length': FILE.length }) });
      return void response.end(FILE);
    }
    let bytes = 0;
    for await (const piece of request) bytes += (piece as Buffer).length;
    this.received.push(bytes);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ id: String(this.received.length), channel_id: '1' }));
  }
}

let origin: string;

beforeAll(async () => {
  discord = new RecordingDiscord();
  [origin, sandbox, database] = await Promise.all([
    discord.open(),
    startTestSandbox(),
    createDatabase(),
  ]);
  doors = await TwoDoors.open({
    ...sandbox.env,
    DISCORD_API_URL: origin,
    DATABASE_URL: database.url,
    REQUEST_BUDGET: '100',
  });
});

afterAll(async () => {
  await doors?.close();
  discord?.close();
  await sandbox?.close();
  await database?.drop();
});

function sendFiles(channel: number, kind: string): ReturnType<TwoDoors['execute']> {
  const files = [1, 2, 3].map((index) => ({ url: `${origin}/files/${kind}/${index}.bin` }));
  const envelope = {
    platform: 'discord',
    action_type: 'send_message',
    parameters: { channel_id: `10000000000000${1_000 + channel}`, files },
  };
  return doors.execute(channel % 2 === 0 ? 'grpc' : 'rest', envelope, { deadlineMs: 100_000 });
}

describe('messages with three files of 8 MiB each', () => {
  it.each([
    ['announced', 50],
    ['unannounced', 10],
  ] as const)(
    'wait for memory, and give it back (%s length, %i messages)',
    async (kind, times) => {
      await sendFiles(0, kind);
      const memory = new GatewayMemory(doors.gateway);
      const outcomes = await Promise.all(
        Array.from({ length: times }, (_none, index) => sendFiles(index, kind)),
      );
      const peak = memory.peak();
      const after = await memory.returnToCalm();
      process.stdout.write(`${kind}: RSS ${memory.before} → ${peak} → ${after} MiB\n`);
      expect(outcomes.map(({ status, error }) => `${status} ${error}`)).toEqual(
        outcomes.map(() => 'SUCCEEDED '),
      );
      expect(Math.min(...discord.received)).toBeGreaterThan(3 * FILE.length);
      expect(peak).toBeLessThan(MOST_MEBIBYTES);
    },
    120_000,
  );
});
