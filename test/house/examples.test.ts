// Real: the built gateway as a newcomer starts it, with the sandbox that it brings, and PostgreSQL. What
// stands in the contract, on the page of documentation and in docs/actions.md is carried out as it stands.
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import { callRest, type GatewayProcess, startGateway } from '../support/gateway.js';

interface Example {
  readonly place: string;
  readonly envelope: Readonly<Record<string, unknown>>;
}

const name = ({ platform, action_type }: Example['envelope']): string =>
  `${String(platform)}.${String(action_type)}`;

let database: Awaited<ReturnType<typeof createDatabase>>;
let gateway: GatewayProcess;

beforeAll(async () => {
  database = await createDatabase();
  gateway = await startGateway({ SANDBOX: 'true', DATABASE_URL: database.url });
});

afterAll(async () => {
  await gateway?.stop();
  await database?.drop();
});

/** The sandbox as it was at the start, for the gateway and for what it simulates. */
async function startAnew(): Promise<void> {
  await gateway.stop();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('TRUNCATE limit_states').finally(() => client.end());
  gateway = await startGateway({ SANDBOX: 'true', DATABASE_URL: database.url });
}

/** The examples of the document for tools. */
async function readContract(): Promise<Example[]> {
  const { body } = await callRest(gateway, 'GET', '/openapi.json');
  const paths = body['paths'] as unknown as Record<string, Record<string, Record<string, unknown>>>;
  const request = paths['/api/v1/actions/execute']?.['post']?.['requestBody'] as {
    content: Record<string, { examples: Record<string, { value: object }> }>;
  };
  const named = request.content['application/json']?.examples ?? {};
  return Object.entries(named).map(([title, { value }]) => ({
    place: `contract ${title}`,
    envelope: value as Example['envelope'],
  }));
}

/** What people would paste from the page: its lines of curl. */
async function readPage(path = '/docs'): Promise<Example[]> {
  const page = await fetch(gateway.restUrl + path).then((answer) => answer.text());
  const text = page
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
  // A line of curl ends with its body in single quotes, in which '\'' is a quote.
  return Array.from(text.matchAll(/(?:-d|--data) '((?:[^']|'\\'')*)'/g), ([, quoted = '']) => {
    const envelope = JSON.parse(quoted.replaceAll("'\\''", "'")) as Example['envelope'];
    return { place: `${path} ${name(envelope)}`, envelope };
  }).filter(({ envelope }) => 'action_type' in envelope);
}

/** The commands of the page of each action, and of its Markdown. */
async function readActionPages(): Promise<Example[]> {
  const list = await fetch(`${gateway.restUrl}/llms.txt`).then((answer) => answer.text());
  const examples: Example[] = [];
  for (const [, path = ''] of list.matchAll(/(\/docs\/actions\/\w+\/\w+)\.md/g))
    for (const address of [path, `${path}.md`]) {
      const found = await readPage(address);
      // One for curl, and one for grpcurl.
      expect(`${address} ${found.length}`).toBe(`${address} 2`);
      examples.push(...found);
    }
  return examples;
}

function readMarkdown(): Example[] {
  const text = readFileSync('docs/actions.md', 'utf8');
  return Array.from(text.matchAll(/```json\n([\s\S]*?)```/g), ([, json = '']) => {
    const envelope = JSON.parse(json) as Example['envelope'];
    return { place: `docs/actions.md ${name(envelope)}`, envelope };
  }).filter(({ envelope }) => 'action_type' in envelope);
}

/** What did not go as an example should; the platform's own gaps are answered as such. */
async function carryOut(examples: readonly Example[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { place, envelope } of examples) {
    const { status, body } = await callRest(gateway, 'POST', '/api/v1/actions/execute', envelope);
    const outcome = body as unknown as { success: boolean; status?: string; error: string };
    const isOffered = !unsupported.has(name(envelope));
    const isGood = isOffered ? outcome.success : status === 501;
    if (!isGood) faults.push(`${place}: ${status} ${outcome.error}`);
  }
  return faults;
}

/** Actions that the catalogue says are never sent, since their platform has no way to do them. */
const unsupported = new Set<string>(['youtube.community_post']);

/** Orders of examples beside those that every run tries. */
const LONG_ORDERS: [string, (examples: readonly Example[]) => Example[]][] =
  process.env['CHAOS'] === 'long' ? [['that of the documents', (examples) => [...examples]]] : [];

/** An order that is the same in every run, and unlike those of the alphabet. */
function shuffle<Item>(items: readonly Item[], seed: number): Item[] {
  const keyed = items.map((item, index) => ({ item, key: ((index + 1) * seed) % 10_007 }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

/** Each envelope once, with every place where it is published. */
function mergeEqual(examples: readonly Example[]): Example[] {
  const places = new Map<string, string[]>();
  for (const { place, envelope } of examples) {
    const text = JSON.stringify(envelope);
    places.set(text, [...(places.get(text) ?? []), place]);
  }
  return [...places].map(([text, found]) => ({
    place: found.join(', '),
    envelope: JSON.parse(text) as Example['envelope'],
  }));
}

describe('every example that is published', () => {
  const published: Example[] = [];

  it.each([
    ['the contract', readContract],
    ['the page of documentation', () => readPage()],
    ['the pages of actions', readActionPages],
    ['docs/actions.md', async () => readMarkdown()],
  ])('of %s: there is one of each action', async (_name, read) => {
    const examples = await read();
    const { body } = await callRest(gateway, 'GET', '/api/v1/catalog');
    const actions = body['actions'] as unknown as { platform: string; action_type: string }[];
    const named = new Set(examples.map(({ envelope }) => name(envelope)));
    expect(actions.map((action) => name({ ...action })).filter((each) => !named.has(each))).toEqual(
      [],
    );
    published.push(...examples);
  });

  it.each([
    [
      'the reverse of that of the documents',
      (examples: readonly Example[]) => examples.toReversed(),
    ],
    ['another one', (examples: readonly Example[]) => shuffle(examples, 7_919)],
    ...LONG_ORDERS,
  ])(
    'works in a fresh sandbox, in any order: %s',
    async (_name, order) => {
      expect(published.length).toBeGreaterThan(0);
      await startAnew();
      expect(await carryOut(order(mergeEqual(published)))).toEqual([]);
    },
    120_000,
  );

  it('of a batch works as well', async () => {
    await startAnew();
    const { body } = await callRest(gateway, 'GET', '/openapi.json');
    const operation = (body['paths'] as unknown as Record<string, Record<string, object>>)[
      '/api/v1/actions/batch'
    ]?.['post'] as { requestBody: { content: Record<string, { example: object }> } };
    const { example } = operation.requestBody.content['application/json'] ?? {};
    const answer = await callRest(gateway, 'POST', '/api/v1/actions/batch', example);
    const results = answer.body['responses'] as unknown as { success: boolean }[];
    expect(results.map(({ success }) => success)).toEqual([true, true]);
  });
});
