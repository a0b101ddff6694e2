// Real: every write action, its platform's readings, the upstream session and the HTTP transport over sockets.
// Fake: the platforms, which answer with half of what they should.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Action, mayChange } from '../../src/actions/action.js';
import type { Platform } from '../../src/actions/platform.js';
import { UndiciTransport } from '../../src/execution/undici-transport.js';
import { DiscordPlatform } from '../../src/platforms/discord/discord.platform.js';
import { TwitchPlatform } from '../../src/platforms/twitch/twitch.platform.js';
import { YouTubePlatform } from '../../src/platforms/youtube/youtube.platform.js';
import { AnswerMaker, contractOf } from '../support/contract/answers.js';
import { record } from '../support/contract/recording.js';
import { findOperation } from '../support/contract/request-faults.js';
import { keepRecords, sendAction, type Told } from '../support/upstream-session.js';

Logger.overrideLogger(false);

/** Answers a write; the reads on the way to it are answered as they should be. */
type Answering = (response: ServerResponse) => void;

const json =
  (body: unknown, status = 200): Answering =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const raw =
  (text: string): Answering =>
  ({ socket }) =>
    socket?.end(text);

/** The members that answers are read for, with values of other types. */
const WRONG = {
  id: 7,
  message_id: 7,
  is_sent: 'true',
  user_id: 7,
  status: 1,
  choices: 'x',
  outcomes: {},
  created_at: 5,
  position_seconds: '5',
  token: 9,
  communication_disabled_until: 4,
};
const HTML = '<html><body>It works!</body></html>';

const HALF_ANSWERS: Readonly<Record<string, Answering>> = {
  'an empty object': json({}),
  'an error with 200': json({ error: 'x', message: 'no' }),
  'an error with 201': json({ error: 'x' }, 201),
  null: json(null),
  'a list': json([]),
  'a number': json(5),
  'a page': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(HTML),
  'no body with 200': (response) => response.writeHead(200).end(),
  'no body with 202': (response) => response.writeHead(202).end(),
  'nobody in the list': json({ data: [], items: [] }),
  'a thing without an id': json({ data: [{}], items: [{}], snippet: {}, status: {} }),
  'wrong types': json({ ...WRONG, data: [WRONG], items: [WRONG], snippet: 'x' }),
  300: json({}, 300),
  301: (response) => response.writeHead(301, { location: '/elsewhere' }).end(),
  302: (response) => response.writeHead(302, { location: '/elsewhere' }).end(HTML),
  303: (response) => response.writeHead(303, { location: '/elsewhere' }).end(),
  304: (response) => response.writeHead(304).end(),
  307: (response) => response.writeHead(307, { location: '/elsewhere' }).end(),
  408: (response) => response.writeHead(408).end(),
  'half of its JSON': raw('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"id":"1", "data":[{"i'),
  'fewer bytes than announced': raw('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"id":"1"}'),
  'a broken chunk': raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"id'),
  'half of its head': raw('HTTP/1.1 200 OK\r\nContent-'),
  'a closed connection': raw(''),
};

const GUILD = '800000000000000001';
const CHANNEL = '700000000000000024';
/** A channel that a lockdown of before has locked, and how it was. */
const LOCKED = { id: GUILD, type: 0, allow: '0', deny: '2048' };
const RECORD = JSON.stringify({ by: 'action-0', channels: { [CHANNEL]: { [GUILD]: null } } });

/** What the reads before a write are answered with. */
const READS: readonly (readonly [path: RegExp, body: unknown])[] = [
  [/\/applications\/@me/, { id: '100000000000000001' }],
  [/\/games/, { data: [{ id: '509658' }] }],
  [
    /\/liveBroadcasts/,
    { items: [{ id: '1', snippet: { liveChatId: 'chat-1' }, status: {}, contentDetails: {} }] },
  ],
  [
    /\/liveChat\/moderators/,
    {
      items: [
        { id: 'role-1', snippet: { moderatorDetails: { channelId: 'UCsandboxModerator000001' } } },
      ],
    },
  ],
  [
    /\/guilds\/\d+\/channels$/,
    [{ id: CHANNEL, type: 0, name: 'rules', permission_overwrites: [LOCKED] }],
  ],
  [/\/channels\/\d+$/, { id: '7', type: 0, name: 'rules', guild_id: '8' }],
  [/\/channels\?/, { items: [{ id: 'UC1', brandingSettings: { channel: { title: 'Old' } } }] }],
  [
    /\/(playlists|playlistItems|liveStreams|channelSections)\?/,
    {
      items: [
        { id: '1', snippet: { title: 'Old' }, status: {}, cdn: {}, contentDetails: { note: '' } },
      ],
    },
  ],
  [/\/subscriptions/, { items: [{ id: 'sub-1' }] }],
  [/\/videos/, { items: [{ id: 'sandboxVid1', snippet: { title: 'Old', categoryId: '20' } }] }],
];

let answerWrite: Answering = json({});
let withoutBody: ReadonlySet<string>;
let server: Server;
let platforms: readonly Platform[];
const transport = new UndiciTransport({ proxies: undefined });

beforeAll(async () => {
  server = createServer((request, response) => {
    const { method, url = '' } = request;
    request.resume().on('end', () => {
      if (method === 'GET') {
        const body = READS.find(([path]) => path.test(url))?.[1] ?? { data: [] };
        return json(body)(response);
      }
      // Opening a private channel changes nothing.
      if (url.endsWith('/users/@me/channels')) return json({ id: '700000000000000009' })(response);
      // Opening an upload changes nothing.
      if (url.startsWith('/upload/') && request.headers['content-range'] === undefined)
        return response.writeHead(200, { location: '/upload/session?upload_id=1' }).end();
      return answerWrite(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { apiUrl, authUrl: apiUrl, clientId: 'client', clientSecret: 'hidden' };
  platforms = [
    new TwitchPlatform(settings),
    new DiscordPlatform({
      ...settings,
      botToken: 'bot-token',
      mostNoes: 10_000,
      version: '1',
      homepage: 'https://example.org',
    }),
    new YouTubePlatform({
      ...settings,
      tokenUrl: apiUrl,
      quota: { daily: 1_000_000_000, reserve: 0, perAccount: 0 },
    }),
  ];
});

beforeAll(async () => {
  withoutBody = await listWithoutBody();
});

afterAll(async () => {
  await transport.onApplicationShutdown();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** All writes that are sent at all, by their platform and name. */
const listWrites = (): readonly (readonly [Platform, Action])[] =>
  platforms.flatMap((platform) =>
    platform.actions
      .filter(({ effect, unsupported }) => effect !== 'read' && !unsupported)
      .map((action) => [platform, action] as const),
  );

function send([platform, action]: readonly [Platform, Action]): Promise<Told> {
  const { input, account } = action.example;
  const parameters = { ...input } as Record<string, unknown>;
  for (const field of [action.takesFile, action.takesContent])
    if (field !== undefined) delete parameters[field];
  const acting = account ?? platform.exampleAccount ?? platform.defaultAccount ?? '1001';
  return sendAction(action, parameters, {
    platform,
    transport,
    account: acting,
    leftMs: 20_000,
    records: keepRecords(RECORD),
  });
}

async function sendAll(): Promise<ReadonlyMap<string, Told>> {
  const writes = listWrites();
  const told = await Promise.all(writes.map((write) => send(write)));
  return new Map(
    writes.map(([{ name }, { type }], index) => [`${name}.${type}`, told[index] as Told]),
  );
}

describe('a write that is answered', () => {
  it.each(Object.keys(HALF_ANSWERS))('with %s has an unknown outcome', async (name) => {
    answerWrite = HALF_ANSWERS[name] as Answering;
    const told = await sendAll();
    expect(told.size).toBeGreaterThan(45);
    for (const [action, { status, attempts }] of told) {
      expect(`${action} ${status}`).toBe(`${action} UNKNOWN`);
      expect(attempts).toBeGreaterThan(0);
    }
  });

  it('with 204 has succeeded where that is the documented answer, and nowhere else', async () => {
    answerWrite = (response) => response.writeHead(204).end();
    for (const [action, { status }] of await sendAll()) {
      const expected = withoutBody.has(action) ? 'SUCCEEDED' : 'UNKNOWN';
      expect(`${action} ${status}`).toBe(`${action} ${expected}`);
    }
  });

  it('with 204 and a body, which HTTP forbids, has an unknown outcome or a documented one', async () => {
    answerWrite = raw('HTTP/1.1 204 No Content\r\nContent-Length: 12\r\n\r\n{"error":"x"}');
    for (const [action, { status }] of await sendAll()) {
      const allowed = withoutBody.has(action) ? ['SUCCEEDED', 'UNKNOWN'] : ['UNKNOWN'];
      expect(allowed.map((one) => `${action} ${one}`)).toContain(`${action} ${status}`);
    }
  });

  it.each([
    ['discord', 'edit_message'],
    ['discord', 'timeout_user'],
    ['twitch', 'ban'],
    ['twitch', 'timeout'],
    ['twitch', 'poll_end'],
    ['twitch', 'prediction_resolve'],
    ['youtube', 'update_video_title'],
    ['youtube', 'update_broadcast_status'],
  ])('about something else has an unknown outcome (%s %s)', async (name, type) => {
    const other = { id: '1', user_id: '1', status: 'ACTIVE', created_at: '2026-11-20T10:10:00Z' };
    answerWrite = json({ ...other, status: {}, user: { id: '1' }, data: [other] });
    const write = listWrites().find(
      ([platform, action]) => platform.name === name && action.type === type,
    );
    if (!write) throw new Error(`There is no ${name}.${type}`);
    expect(await send(write)).toMatchObject({ status: 'UNKNOWN' });
  });
});

/** Writes whose endpoint answers with 204 by the contract of its platform. */
async function listWithoutBody(): Promise<ReadonlySet<string>> {
  const names: string[] = [];
  for (const [{ name }, action] of listWrites()) {
    const contract = contractOf(name);
    const tried = { platform: name, action };
    const { requests } = await record(tried, action.example.input, new AnswerMaker(contract));
    const write = requests.find((request) => mayChange(action, request));
    const found = write && findOperation(contract, write);
    if (found?.operation.answers[204] === null && write?.yes !== undefined)
      names.push(`${name}.${action.type}`);
  }
  return new Set(names);
}
