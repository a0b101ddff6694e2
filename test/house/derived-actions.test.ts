// Real: a gateway process, PostgreSQL, both doors. Fake: the platforms, at the wire. Nothing here names an
// action: each is taken from the catalogue, and what is expected of it from its declaration.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isObject, type JsonObject } from '../../src/actions/json.js';
import { useCatalogue } from '../../src/cli/generated-files.js';
import {
  buildExampleEnvelope,
  documentActions,
} from '../../src/doors/contracts/documented-action.js';
import { deriveWrongInputs, fillTexts, listWrongValues } from '../support/derived-input.js';
import { type GrpcOutcome } from '../support/grpc-client.js';
import type { SeenRequest } from '../support/sandbox.js';
import { DOORS, type DoorName, House } from '../support/two-doors.js';

const actions = await useCatalogue(async (catalogue) =>
  (await documentActions(catalogue)).map((documented) => {
    const { platform, action_type, input_schema, unsupported } = documented;
    return {
      name: `${platform}.${action_type}`,
      action: catalogue.get(platform, action_type).action,
      envelope: buildExampleEnvelope(documented),
      schema: input_schema,
      isOffered: unsupported === undefined,
    };
  }),
);
const runs = DOORS.flatMap((door) => actions.map((about) => ({ door, ...about })));
const isLong = process.env['CHAOS'] === 'long';
/** What no door decides is asked of each action at one door, half of them at either. */
const halfRuns = isLong
  ? runs
  : actions.map((about, index) => ({ door: DOORS[index % DOORS.length] as DoorName, ...about }));
const BATCH = 50;

/** A world for each door: an example may be carried out once. */
const houses = new Map<DoorName, House>();
const readers = new Map<House, Client>();

beforeAll(async () => {
  for (const door of DOORS) {
    const house = await House.open({ CALLER_REQUESTS_PER_MINUTE: '1000000' });
    houses.set(door, house);
    const reader = new Client({ connectionString: house.database.url });
    await reader.connect();
    readers.set(house, reader);
  }
});

afterAll(async () => {
  for (const reader of readers.values()) await reader.end();
  for (const house of houses.values()) await house.close();
});

const houseOf = (door: DoorName): House => {
  const house = houses.get(door);
  if (!house) throw new Error(`no house for ${door}`);
  return house;
};

async function readRow(house: House, id: string): Promise<Record<string, unknown>> {
  const found = await readers
    .get(house)
    ?.query<Record<string, unknown>>('SELECT * FROM actions WHERE id = $1', [id]);
  return found?.rows[0] ?? {};
}

/** A request as it is compared: the path of its address, its query, and its body if it has one. */
interface Sent {
  readonly method: string;
  readonly path: string;
  /** A name that stands there several times has a list. */
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly body: unknown;
}

interface Shown {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
}

const showArrived = ({ method, path, query, body }: SeenRequest): Sent => ({
  method,
  path: decodeURIComponent(path),
  query,
  // A rehearsal shows a list as the member of an object.
  body: Array.isArray(body) ? { items: body as unknown } : withoutFiles(body ?? {}),
});

/** A form without its files, which a rehearsal lists apart. */
function withoutFiles(body: unknown): unknown {
  if (!isObject(body)) return body;
  const texts = Object.entries(body).filter(
    ([, value]) => !isObject(value) || !('filename' in value),
  );
  return Object.fromEntries(texts);
}

function showPrepared({ method, url, body }: Shown): Sent {
  const { pathname, searchParams } = new URL(url);
  const query = [...new Set(searchParams.keys())].map((name) => {
    const values = searchParams.getAll(name);
    return [name, values.length > 1 ? values : values[0]] as const;
  });
  return {
    method,
    path: decodeURIComponent(pathname),
    query: Object.fromEntries(query) as Sent['query'],
    body: body ?? {},
  };
}

/** A part of a request that no rehearsal can know. */
const ANYTHING = expect.anything() as unknown;
const REDACTED = '[redacted]';

const escape = (text: string): string => text.replaceAll(/[$()*+.?[\]^{|}\\]/g, String.raw`\$&`);

/** A text in which a secret was taken out, as it may arrive. */
function restore(text: string): unknown {
  if (!text.includes(REDACTED)) return text;
  const form = text.split(REDACTED).map(escape).join('.+');
  return expect.stringMatching(new RegExp(`^${form}$`, 's'));
}

/** What a rehearsal shows of an id that a read finds. */
const HOLE = /<[^<>]+>/;

/** A text with such holes, as it may arrive. */
function readForm(text: string): RegExp {
  const parts = text.replaceAll(REDACTED, '<secret>').split(/<[^<>]+>/);
  return new RegExp(`^${parts.map(escape).join('.+')}$`, 's');
}

const matching = (form: RegExp): unknown => expect.stringMatching(form);

/** What is the same in two rehearsals, and neither a placeholder nor a secret. */
function promise(first: unknown, second: unknown): unknown {
  if (Array.isArray(first) && Array.isArray(second) && first.length === second.length)
    return first.map((item, index) => promise(item, second[index]));
  if (isObject(first) && isObject(second))
    return Object.fromEntries(
      Object.entries(first).map(([name, value]) => [name, promise(value, second[name])]),
    );
  if (first !== second) return ANYTHING;
  if (typeof first !== 'string') return first;
  if (/^<.*>$/s.test(first)) return ANYTHING;
  return HOLE.test(first) ? matching(readForm(first)) : restore(first);
}

function listLeaves(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null
    ? Object.values(value).flatMap(listLeaves)
    : [value];
}

const objectContaining = (members: object): unknown => expect.objectContaining(members);

/** What is promised of a request after a read: what the caller gave; the rest is what the read finds. */
function promiseAfterRead(shown: unknown, given: readonly unknown[]): unknown {
  if (isObject(shown)) {
    const parts = Object.entries(shown).map(([name, value]): [string, unknown] => [
      name,
      promiseAfterRead(value, given),
    ]);
    return objectContaining(Object.fromEntries(parts));
  }
  return listLeaves(shown).some((leaf) => given.includes(leaf)) ? shown : ANYTHING;
}

/** The requests of a dry run up to the first write, and the writes that follow it. */
async function rehearse(house: House, door: DoorName, envelope: JsonObject) {
  const before = await house.sandbox.lastSeq();
  const outcome = await house.doors.execute(door, { ...envelope, dry_run: true });
  expect(outcome).toMatchObject({ success: true, status: 'PREPARED', result_data: {} });
  expect(await house.sandbox.lastSeq()).toBe(before);
  const { prepared } = outcome;
  if (!prepared) throw new Error('nothing is prepared');
  // A file that is read elsewhere does not arrive at the platform.
  const calls = [...prepared.reads, prepared].filter(({ url }) =>
    url.startsWith(house.sandbox.url),
  );
  return { calls: calls.map(showPrepared), following: prepared.following.map(showPrepared) };
}

/** The requests of an action at its platform, from the first to its own; and those after it. */
async function carryOut(house: House, door: DoorName, envelope: JsonObject, own: Sent) {
  const before = await house.sandbox.lastSeq();
  const outcome = await house.doors.execute(door, envelope);
  const arrived = (await house.sandbox.requestsSince(before))
    .map(showArrived)
    .filter(({ path }) => !path.includes('/oauth2'));
  const form = readForm(own.path);
  const at = arrived.findIndex(({ method, path }) => method === own.method && form.test(path));
  return {
    outcome,
    reads: arrived.slice(0, at),
    own: arrived[at],
    after: arrived.slice(at + 1),
  };
}

const showCall = ({ method, path }: Sent): string => `${method} ${path}`;

describe('the example of every action', () => {
  it.each(runs.filter(({ isOffered }) => isOffered))(
    '$name over $door sends what its dry run shows, and succeeds',
    async ({ door, action, envelope }) => {
      const house = houseOf(door);
      const { calls: first, following } = await rehearse(house, door, envelope);
      const { calls: second } = await rehearse(house, door, envelope);
      const [own, ...reads] = first.toReversed() as [Sent, ...Sent[]];
      const done = await carryOut(house, door, envelope, own);
      expect(done.outcome).toMatchObject({ success: true, status: 'SUCCEEDED', error: '' });
      const body =
        reads.length === 0
          ? promise(own.body, second.at(-1)?.body)
          : promiseAfterRead(own.body, listLeaves(envelope));
      const promised = promise({ ...own, body: {} }, { ...second.at(-1), body: {} }) as Sent;
      expect(done.own).toEqual({ ...promised, body });
      // What an earlier action has learned need not be read again; nothing else is read.
      for (const read of done.reads)
        expect(reads.map(({ method, path }) => `${method} ${path}`)).toContain(
          `${read.method} ${read.path}`,
        );
      // After its own request an action may look at what became of it, or send the file it announced.
      const isFile = ({ method, path }: Sent): boolean =>
        method === 'PUT' && /\/upload\//.test(path);
      const others = done.after.filter((sent) => sent.method !== 'GET' && !isFile(sent));
      expect(others.map(showCall)).toEqual(following.map(showCall));

      expect(action.findOutputFaults(done.outcome.result_data)).toEqual([]);
      const row = await readRow(house, done.outcome.action_id);
      const kept = JSON.parse(
        JSON.stringify(action.redactOutput(done.outcome.result_data)),
      ) as object;
      // A read leaves no row.
      expect(row).toEqual(
        action.effect === 'read' ? {} : (objectContaining({ result: kept }) as object),
      );
    },
  );

  it.each(runs.filter(({ isOffered }) => !isOffered))(
    '$name over $door is refused as unsupported, and sends nothing',
    async ({ door, envelope }) => {
      const house = houseOf(door);
      const before = await house.sandbox.lastSeq();
      for (const dry_run of [true, false]) {
        const outcome = await house.doors.execute(door, { ...envelope, dry_run });
        expect(outcome).toMatchObject({ success: false, failure: { code: 'UNSUPPORTED' } });
      }
      expect(await house.sandbox.lastSeq()).toBe(before);
    },
  );
});

/** The names of fields that a refusal gives, such as `parameters.embed`. */
const namedBy = ({ failure }: GrpcOutcome): string[] =>
  (failure?.violations ?? []).map(({ field }) => field);

/** A fault inside a list or an object is named by its place, such as `parameters.tags.0`. */
const isWithin = (name: string, field: string): boolean =>
  name === field || name.startsWith(`${field}.`);

describe('whatever the schema of an action forbids', () => {
  it.each(halfRuns)(
    '$name over $door refuses, naming the field, and sends nothing',
    async (about) => {
      const { door, envelope, schema } = about;
      const house = houseOf(door);
      const before = await house.sandbox.lastSeq();
      const wrong = deriveWrongInputs(schema, envelope['parameters'] as JsonObject);
      const faults: unknown[] = [];
      for (let from = 0; from < wrong.length; from += BATCH) {
        const part = wrong.slice(from, from + BATCH);
        const { responses } = await house.doors.batch(
          door,
          part.map(({ parameters }) => ({ ...envelope, parameters })),
        );
        for (const [index, { title, field }] of part.entries()) {
          const outcome = responses[index] as GrpcOutcome;
          const isNamed = namedBy(outcome).some((name) => isWithin(name, `parameters.${field}`));
          if (outcome.failure?.code !== 'INVALID_INPUT' || !isNamed)
            faults.push([title, outcome.status, outcome.error, namedBy(outcome)]);
        }
      }
      expect(faults).toEqual([]);
      expect(await house.sandbox.lastSeq()).toBe(before);
    },
  );

  it('is found for every type of field that the catalogue has', () => {
    const types = actions.flatMap(({ schema }) =>
      Object.values(schema['properties'] as object).map((property) => property as JsonObject),
    );
    for (const property of types) expect(listWrongValues(property)).not.toEqual([]);
  });
});

describe('the row of an action in the log', () => {
  it.each(halfRuns)('of $name over $door has no text of a private field', async (about) => {
    const { door, action, envelope, schema } = about;
    const house = houseOf(door);
    const parameters = fillTexts(schema, envelope['parameters'] as JsonObject, 'Kept? ');
    const outcome = await house.doors.execute(door, { ...envelope, parameters, dry_run: true });
    const row = await readRow(house, outcome.action_id);
    expect(row['parameters']).toEqual(JSON.parse(JSON.stringify(action.redactInput(parameters))));
    const shown = JSON.stringify(row);
    for (const text of action.listPrivateTexts(parameters)) expect(shown).not.toContain(text);
  });
});
