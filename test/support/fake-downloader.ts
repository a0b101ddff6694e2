import { once, setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the fake downloader was asked. */
export interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
  /** Bytes of the file that it got rid of. */
  sent: number;
  /** How it ended: the whole answer, or a connection that the gateway closed. */
  ended: 'no' | 'whole' | 'cut';
}

/** How it behaves, by the id of the video in the address. */
type Behaviour = (
  asked: Asked,
  response: ServerResponse,
  fake: FakeDownloader,
) => Promise<void> | void;

const PIECE = Buffer.alloc(65_536, 'x');

/** The downloader service as the toolkit knew it, with state: what it does is in the id of the video. */
export class FakeDownloader {
  readonly asked: Asked[] = [];
  /** Ends when it is released; while it is held, videos called `slow` are not answered. */
  #hold: AbortController | undefined;
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  isSick = false;

  static async start(port = 0): Promise<FakeDownloader> {
    const fake = new FakeDownloader();
    await once(fake.#server.listen(port, '127.0.0.1'), 'listening');
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  hold(): void {
    this.#hold = new AbortController();
    setMaxListeners(0, this.#hold.signal);
  }

  release(): void {
    this.#hold?.abort();
    this.#hold = undefined;
  }

  async whenReleased(): Promise<void> {
    if (this.#hold) await once(this.#hold.signal, 'abort');
  }

  /** What was asked about a video. */
  about(video: string): Asked[] {
    return this.asked.filter(({ body }) => String(body['url']).includes(video));
  }

  async close(): Promise<void> {
    this.release();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/healthz') {
      const body = { status: 'healthy', service: 'youtube-downloader', version: '1.0.0' };
      return sendJson(response, this.isSick ? 500 : 200, this.isSick ? { status: 'sick' } : body);
    }
    if (request.url === '/') {
      const endpoints = { health: '/healthz' };
      return sendJson(response, 200, { service: 'youtube-downloader', endpoints });
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    const path = request.url ?? '';
    const asked: Asked = { path, headers: request.headers, body, sent: 0, ended: 'no' };
    this.asked.push(asked);
    response.once('close', () => (asked.ended = response.writableFinished ? 'whole' : 'cut'));
    const [, video = ''] = /[?&]v=([\w-]+)/.exec(String(body['url'])) ?? [];
    const [kind = ''] = video.split('-');
    await (BEHAVIOURS[kind] ?? answerWell)(asked, response, this);
  }
}

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  async slow(asked, response, fake) {
    await fake.whenReleased();
    answerWell(asked, response);
  },
  /** Twice out of order, then well. */
  async flaky(asked, response, fake) {
    const before = fake.about(String(asked.body['url'])).length - 1;
    if (before < 2) return sendJson(response, before === 0 ? 500 : 503, { error: 'not now' });
    answerWell(asked, response);
  },
  down: (_asked, response) => sendJson(response, 500, { success: false, error: 'out of order' }),
  reset: (_asked, response) => void response.socket?.destroy(),
  gone: (_asked, response) =>
    sendJson(response, 404, { success: false, error: 'Video not found', message: 'It is gone' }),
  /** Declares more than it sends. */
  async short(_asked, response) {
    response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': '1000000' });
    response.write(PIECE);
    await sleep(50);
    response.socket?.destroy();
  },
  async endless(asked, response) {
    response.writeHead(200, { 'content-type': 'video/mp4' });
    await pour(asked, response, Infinity);
  },
  async big(asked, response) {
    response.writeHead(200, { 'content-type': 'video/mp4' });
    const [, bytes = '0'] = /big-(\d+)/.exec(String(asked.body['url'])) ?? [];
    await pour(asked, response, Number(bytes));
  },
  /** Takes the question and says nothing. */
  silent: () => undefined,
  /** Begins, and then says nothing. */
  stuck(_asked, response) {
    response.writeHead(200, { 'content-type': 'audio/mpeg' });
    response.write(PIECE);
  },
  babble(_asked, response) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('<html>');
  },
};

function answerWell({ path, body }: Asked, response: ServerResponse): void {
  if (path.endsWith('/info')) {
    const data = { videoId: String(body['url']).split('v=')[1], title: 'A title' };
    return sendJson(response, 200, { success: true, data, timestamp: new Date().toISOString() });
  }
  const isSound = path.endsWith('/mp3');
  response.writeHead(200, {
    'content-type': isSound ? 'audio/mpeg' : 'video/mp4',
    'content-disposition': `attachment; filename="a.${isSound ? 'mp3' : 'mp4'}"`,
    // As Node.js puts Latin-1 on the wire.
    'x-video-title': 'Caf\u00e9',
    'x-video-duration': '12',
    'x-download-time': '99',
    'x-secret': 'not for callers',
  });
  response.end(`the ${String(body['quality'])} bytes`);
}

/** Writes so many bytes, as fast as they are taken. */
async function pour(asked: Asked, response: ServerResponse, bytes: number): Promise<void> {
  const closed = once(response, 'close');
  for (let left = bytes; left > 0 && !response.destroyed; left -= PIECE.length) {
    const piece = left < PIECE.length ? PIECE.subarray(0, left) : PIECE;
    asked.sent += piece.length;
    if (!response.write(piece))
      await Promise.race([new Promise((resolve) => response.once('drain', resolve)), closed]);
  }
  response.end();
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
