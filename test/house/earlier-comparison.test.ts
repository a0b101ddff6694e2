// Real: the built gateway at the ports of the earlier services, PostgreSQL, HTTP and gRPC over sockets. Fake:
// the platforms and the downloader, at the wire. The requests and answers are facts about the earlier
// services, in test/facts/earlier; docs/migrate.md has the table that is made of them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EarlierAnswer, EarlierFact } from '../facts/earlier/fact.js';
import { EARLIER_FACTS } from '../facts/earlier/index.js';
import { EarlierGrpc } from '../support/earlier-grpc.js';
import { askEarlier } from '../support/earlier-rest.js';
import { CHANNEL } from '../support/earlier-scenes.js';
import { EarlierStage } from '../support/earlier-stage.js';
import { FakeDownloader } from '../support/fake-downloader.js';
import { findDifference } from '../support/match-fact.js';
import { House } from '../support/two-doors.js';

const SERVICE_KEY = 'service-key-of-the-callers-0123456789';
const MEDIA_KEY = 'media-key-of-the-toolkit-0123';
/** The ports are fixed, so that the address is one that no other test listens on. */
const HOST = '127.0.0.42';
/** As the scenes name channels of Twitch and YouTube. */
const SCENES = Array.from({ length: 2_000 }, (_, index) => [
  String(50_001 + index),
  `UCearlier${400_001 + index}`,
]).flat();
const TRUST = [
  { name: 'legacy', root_secret: true, unnamed_tokens: true },
  { name: 'callers', service_keys: [SERVICE_KEY], accounts: ['1001', 'default', ...SCENES] },
];
const COMMUNITIES = { 42: { twitch: '1001', discord: CHANNEL } };

const REST_PORTS = { discord: 8070, twitch: 8072, youtube: 8073, router: 8072, workflow: 8000 };
const GRPC = {
  discord: [50_051, 'discord_action.DiscordAction'],
  twitch: [50_053, 'twitch_action.TwitchActionService'],
  youtube: [50_054, 'youtube_action.YouTubeAction'],
} as const;

let house: House;
let downloader: FakeDownloader;
const clients = new Map<string, EarlierGrpc>();

beforeAll(async () => {
  downloader = await FakeDownloader.start();
  house = await House.open({
    HOST,
    PREDECESSOR_PORTS: 'true,router=8000',
    PREDECESSOR_TRUST: JSON.stringify(TRUST),
    PREDECESSOR_ENTITIES: JSON.stringify(COMMUNITIES),
    MODULE_VERSION: '1.0.0',
    REQUEST_TIMEOUT: '3',
    YOUTUBE_API_QUOTA_DAILY_LIMIT: '100000000',
    CALLER_REQUESTS_PER_MINUTE: '0',
    ENABLE_MEDIA: 'true',
    MEDIA_API_KEY: MEDIA_KEY,
    YOUTUBE_SERVICE_URL: downloader.url,
    YOUTUBE_RETRY_DELAY: '0.01',
    MEDIA_INFO_PER_MINUTE: '0',
    MEDIA_DOWNLOADS_PER_FIVE_MINUTES: '0',
  });
  await house.sandbox.control('POST', '/sandbox/discord/world', { limits: false });
  await house.sandbox.control('POST', '/sandbox/youtube/world', { quota_limit: 100_000_000 });
  for (const [service, [port, name]] of Object.entries(GRPC))
    clients.set(service, new EarlierGrpc(`${HOST}:${port}`, name));
});

afterAll(async () => {
  for (const client of clients.values()) client.close();
  await house?.close();
  await downloader?.close();
});

interface Played {
  readonly status?: number;
  readonly body: unknown;
}

async function askRest(fact: EarlierFact, stage: EarlierStage): Promise<Played> {
  const { service, at, path, asked } = fact;
  const [method = '', route = ''] = at.split(' ');
  const port = REST_PORTS[service as keyof typeof REST_PORTS] ?? 8070;
  const [filled, body] = [await stage.complete(path ?? route), await stage.complete(asked.body)];
  const headers = { ...(await presentCredential(fact, stage)), ...asked.headers };
  const before = await house.sandbox.lastSeq();
  await addFault(fact);
  const reply = await askEarlier(`http://${HOST}:${port}${filled}`, method, body, { headers });
  return seen(reply, before);
}

async function presentCredential(
  { service, asked: { token } }: EarlierFact,
  stage: EarlierStage,
): Promise<Record<string, string>> {
  if (token === null) return {};
  if (token === 'service key') return { 'x-service-key': SERVICE_KEY };
  if (token === 'media key') return { 'x-api-key': MEDIA_KEY };
  return { authorization: `Bearer ${await stage.findToken(service, token)}` };
}

async function askRpc(fact: EarlierFact, stage: EarlierStage): Promise<Played> {
  const { service, at, asked } = fact;
  const body = await stage.complete(asked.body as Record<string, unknown>);
  const token =
    asked.token === null ? undefined : await stage.findToken(service, asked.token ?? undefined);
  const isInMessage = service === 'discord';
  const before = await house.sandbox.lastSeq();
  await addFault(fact);
  const { answer } = await clients
    .get(service)!
    .call(
      at,
      isInMessage ? { ...body, token } : body,
      isInMessage || token === undefined ? {} : { authorization: `Bearer ${token}` },
    );
  return seen({ body: answer }, before);
}

/** When the request left, for what arrived at the platforms since. */
let sentAt = 0;
function seen({ status, body }: { status?: number; body: unknown }, before: number): Played {
  sentAt = before;
  return { ...(status !== undefined && { status }), body };
}

async function addFault({ fault, now, was }: EarlierFact): Promise<void> {
  if (!fault) return;
  const { kind = 'status', times = 1, ...status } = fault;
  const [method] = ((now?.answer ?? was).calls?.[0] ?? '').split(' ');
  await house.sandbox.control('POST', '/sandbox/faults', {
    fault: kind === 'hang' ? { kind, when: 'before' } : { kind, ...status },
    match: { method, path: '^/(discord/api|twitch/helix|youtube/v3)' },
    times,
  });
}

const API = /^\/(?:discord\/api\/v10|twitch\/helix|youtube\/v3)(?=\/)/;

/** What was written at the platforms, in the order in which it got there. */
async function listWrites(): Promise<{ call: string; sent: Record<string, unknown> }[]> {
  const requests = await house.sandbox.requestsSince(sentAt);
  return requests
    .filter(({ method, path }) => method !== 'GET' && API.test(path))
    .map(({ method, path, query, body }) => ({
      call: `${method} ${path.replace(API, '')}`,
      sent: { ...query, ...(body as object | null) },
    }));
}

async function compare(
  stage: EarlierStage,
  expected: EarlierAnswer,
  played: Played,
): Promise<string[]> {
  const { status, body, calls = [], sent } = await stage.complete(expected);
  const writes = await listWrites();
  const differences = [
    ...(status === undefined ? [] : [findDifference(status, played.status, 'the status')]),
    findDifference(body, played.body, 'the answer'),
    findDifference(
      [...calls].toSorted(),
      writes.map(({ call }) => call).toSorted(),
      'what was written',
    ),
    ...(sent ? [findDifference(sent, writes[0]?.sent, 'what was sent')] : []),
  ].filter((difference) => difference !== undefined);
  if (differences.length > 0) differences.push(JSON.stringify(played));
  return differences;
}

describe.each([...new Set(EARLIER_FACTS.map(({ service }) => service))])(
  'what callers of the earlier %s notice',
  (service) => {
    const facts = EARLIER_FACTS.filter((fact) => fact.service === service);
    it.each(facts.map((fact) => [`${fact.door} ${fact.at}: ${fact.what}`, fact] as const))(
      '%s',
      async (_title, fact) => {
        const stage = new EarlierStage(house, HOST);
        const expected = fact.now?.answer ?? fact.was;
        const played = await (fact.door === 'REST' ? askRest : askRpc)(fact, stage);
        expect(await compare(stage, expected, played)).toEqual([]);
      },
    );
  },
);
