// Real: the built gateway as a process with its sandbox, PostgreSQL, HTTP over sockets. Every operation of
// its own document is asked with valid, invalid and hostile requests and by wrong methods; whatever comes
// back has to be in the document.
import { request as requestHttp } from 'node:http';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import { callRest, type GatewayProcess, makeToken, startGateway } from '../support/gateway.js';

type Json = Record<string, unknown>;

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: Json;
  readonly example?: unknown;
}

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly parameters: readonly Parameter[];
  readonly body: Json | undefined;
  readonly example: unknown;
  readonly responses: Json;
  readonly place: string;
}

interface Asked {
  readonly title: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const WRONG_METHODS = [...METHODS, 'OPTIONS', 'TRACE', 'QUERY', 'PROPFIND', 'LOCK'];
const MORE_SETTINGS = {
  SANDBOX: 'true',
  // What is asked here comes from one address, and as often as it can.
  CALLER_REQUESTS_PER_MINUTE: '10000000',
  FAILED_LOGINS_PER_MINUTE: '0',
  CREDENTIAL_SERVING_KEY: 'a-key-for-services-that-resolve-credentials',
};

let database: Awaited<ReturnType<typeof createDatabase>>;
let gateway: GatewayProcess;
let document: Json;
let operations: readonly Operation[];
let ajv: Ajv2020;
const token = makeToken();

beforeAll(async () => {
  database = await createDatabase();
  gateway = await startGateway({ ...MORE_SETTINGS, DATABASE_URL: database.url });
  document = (await callRest(gateway, 'GET', '/openapi.json')).body as Json;
  operations = listOperations(document);
  ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ ...document, $id: 'https://gateway.example/openapi.json' });
});

afterAll(async () => {
  await gateway?.stop();
  await database?.drop();
});

/** The value that a reference leads to, or the value itself. */
function follow(value: unknown): Json {
  const reference = (value as Json | undefined)?.['$ref'];
  if (typeof reference !== 'string') return (value ?? {}) as Json;
  let found: unknown = document;
  for (const step of reference.slice(2).split('/'))
    found = (found as Json)[step.replaceAll('~1', '/').replaceAll('~0', '~')];
  return follow(found);
}

function listOperations(contract: Json): Operation[] {
  document = contract;
  const paths = contract['paths'] as Record<string, Record<string, Json>>;
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => METHODS.includes(method.toUpperCase()))
      .map(([method, operation]): Operation => {
        const own = (operation['parameters'] ?? []) as Parameter[];
        const shared = (item['parameters'] ?? []) as unknown as Parameter[];
        const body = follow(operation['requestBody']);
        const json = (body['content'] as Json | undefined)?.['application/json'] as
          Json | undefined;
        const [first] = Object.values((json?.['examples'] ?? {}) as Record<string, Json>);
        return {
          path,
          method: method.toUpperCase(),
          parameters: [...shared, ...own],
          body: json && follow(json['schema']),
          example: json?.['example'] ?? first?.['value'],
          responses: operation['responses'] as Json,
          place: `/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/${method}/responses`,
        };
      }),
  );
}

const IDS: Readonly<Record<string, string>> = {
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1002',
  key: 'twitch.raids',
  id: 'contract-caller',
  action_id: '01920000-0000-7000-8000-000000000001',
  batch_id: '01920000-0000-7000-8000-000000000001',
};

const fill = (path: string, values: Readonly<Record<string, string>>): string =>
  path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? IDS[name] ?? '7');

const HOSTILE_TEXTS = [
  '%00',
  '%FF%FE',
  '..%2f..%2fetc%2fpasswd',
  '%27%20OR%201%3D1--',
  '%F0%9F%98%80',
  '%ED%A0%80',
  'x'.repeat(250),
  'x'.repeat(5_000),
  '-1',
  '0',
  '%25s%25n',
  '%0d%0aset-cookie:%20a=b',
  '__proto__',
  '%7B%22a%22%3A1%7D',
];

const HOSTILE_VALUES: readonly unknown[] = [
  null,
  0,
  -1,
  1e308,
  true,
  '',
  ' ',
  '\u0000',
  '\u{1F600}'.repeat(300),
  'x'.repeat(70_000),
  [],
  [[[[[]]]]],
  {},
  { __proto__: 1, constructor: 2 },
  [null],
  "'; DROP TABLE actions; --",
];

/** Requests that should work, as far as a document can say, and many that should not. */
function listRequests(operation: Operation): Asked[] {
  const { path, method, parameters, body, example } = operation;
  const signed = {
    authorization: `Bearer ${token}`,
    'x-plant-internal-key': MORE_SETTINGS.CREDENTIAL_SERVING_KEY,
  };
  const json = { ...signed, 'content-type': 'application/json' };
  const url = fill(path, {});
  const text = example === undefined ? undefined : JSON.stringify(example);
  const asked: Asked[] = [
    { title: 'as documented', method, url, headers: text ? json : signed, body: text },
    {
      title: 'without a token',
      method,
      url,
      headers: { 'content-type': 'application/json' },
      body: text,
    },
    {
      title: 'with a wrong token',
      method,
      url,
      headers: { ...json, authorization: 'Bearer x' },
      body: text,
    },
    {
      title: 'with another scheme',
      method,
      url,
      headers: { ...json, authorization: 'Basic eA==' },
      body: text,
    },
    { title: 'for text/html', method, url, headers: { ...json, accept: 'text/html' }, body: text },
    {
      title: 'with a long key',
      method,
      url,
      headers: { ...json, 'idempotency-key': 'k'.repeat(400) },
      body: text,
    },
    {
      title: 'with an unknown query',
      method,
      url: `${url}?nobody=knows&a[]=1&a[]=2&%00=%00`,
      headers: json,
      body: text,
    },
  ];
  for (const { name, in: place } of parameters) {
    for (const hostile of HOSTILE_TEXTS) {
      if (place === 'path')
        asked.push({
          title: `${name}=${hostile.slice(0, 20)}`,
          method,
          url: fill(path, { [name]: hostile }),
          headers: json,
          body: text,
        });
      if (place === 'query')
        for (const query of [`${name}=${hostile}`, `${name}=a&${name}=${hostile}`])
          asked.push({
            title: query.slice(0, 40),
            method,
            url: `${url}?${query}`,
            headers: json,
            body: text,
          });
    }
  }
  if (!body) return asked;
  const broken = [
    '',
    '{',
    'null',
    '[]',
    '"text"',
    '{"a":1}}',
    '{"__proto__":{"a":1}}',
    '['.repeat(2_000),
    Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
    ...HOSTILE_VALUES.map((value) => JSON.stringify(value)),
  ];
  for (const given of broken)
    asked.push({
      title: `body ${String(given).slice(0, 20)}`,
      method,
      url,
      headers: json,
      body: given,
    });
  for (const type of [
    'text/plain',
    'application/xml',
    'multipart/form-data',
    'multipart/form-data; boundary=x',
    'x',
    'application/json; charset=utf-16',
  ])
    asked.push({
      title: `type ${type}`,
      method,
      url,
      headers: { ...signed, 'content-type': type },
      body: text ?? '{}',
    });
  const properties = Object.keys((body['properties'] ?? {}) as Json);
  const names = properties.length > 0 ? properties : Object.keys((example ?? {}) as Json);
  for (const name of names)
    for (const value of HOSTILE_VALUES) {
      const wrong = JSON.stringify({ ...(example as Json | undefined), [name]: value });
      asked.push({
        title: `${name}: ${JSON.stringify(value).slice(0, 20)}`,
        method,
        url,
        headers: json,
        body: wrong,
      });
    }
  return asked;
}

/** One request over a socket of its own making, since fetch takes neither every method nor every header. */
function send({ method, url, headers, body }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(gateway.restUrl);
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = requestHttp(
      { hostname, port, method, path: url, headers: { ...headers, ...length } },
      (response) => {
        const chunks: Buffer[] = [];
        const settle = (): void =>
          resolve({
            status: response.statusCode ?? 0,
            type: (response.headers['content-type'] ?? '').split(';', 1)[0] ?? '',
            text: Buffer.concat(chunks).toString('utf8'),
          });
        // A stream of events has no end.
        if (response.headers['content-type']?.startsWith('text/event-stream')) {
          settle();
          return void response.destroy();
        }
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', settle);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

const validators = new Map<string, ValidateFunction>();

/** What of an answer is not in the document; undefined where all of it is. */
function findFault(operation: Operation, answer: Answer): string | undefined {
  const { status, type, text } = answer;
  const response = operation.responses[String(status)];
  if (response === undefined) return `${status} is not documented: ${text.slice(0, 120)}`;
  const content = follow(response)['content'] as Json | undefined;
  if (content === undefined)
    return text === '' ? undefined : `${status} is documented without a body, and has one`;
  if (!(type in content)) return `${status} with ${type || 'no type'} is not documented`;
  if (!/json/.test(type) || type === 'application/x-ndjson') return undefined;
  const reference = (response as Json)['$ref'];
  const base = typeof reference === 'string' ? reference.slice(1) : `${operation.place}/${status}`;
  const place = `${base}/content/${type.replaceAll('/', '~1')}/schema`;
  const validate =
    validators.get(place) ??
    ajv.compile({ $ref: `https://gateway.example/openapi.json#${encodeURI(place)}` });
  validators.set(place, validate);
  return validate(JSON.parse(text))
    ? undefined
    : `${status} does not fit its schema: ${ajv.errorsText(validate.errors).slice(0, 200)}`;
}

/** A fault of the gateway itself; other statuses above 500 say that a platform cannot. */
const isOurFault = ({ status, text }: Answer, { responses }: Operation): boolean =>
  status >= 500 && !(status === 501 && '501' in responses) && !isPlatformsNo(text);

/** The earlier services said a platform's no with 500. */
const isPlatformsNo = (text: string): boolean =>
  /"success":false/.test(text) && /API error|not connected|is missing|must/.test(text);

describe('the contract', () => {
  it('holds for whatever is asked', { timeout: 300_000 }, async () => {
    const faults = new Map<string, string>();
    let count = 0;
    for (const operation of operations) {
      for (const asked of listRequests(operation)) {
        count += 1;
        const answer = await send(asked).catch((error: unknown) => ({
          status: 0,
          type: '',
          text: String(error),
        }));
        const fault =
          answer.status === 0 || isOurFault(answer, operation)
            ? `${answer.status} ${answer.text.slice(0, 160)}`
            : findFault(operation, answer);
        if (fault === undefined) continue;
        // One line for each kind of fault of an operation is enough to mend it.
        const kind = `${operation.method} ${operation.path} ${fault.slice(0, 40)}`;
        if (!faults.has(kind))
          faults.set(kind, `${operation.method} ${operation.path} (${asked.title}): ${fault}`);
      }
    }
    expect([...faults.values()]).toEqual([]);
    expect(count).toBeGreaterThan(operations.length * 20);
  });

  it('has a clear no for methods that a path does not take', async () => {
    const faults: string[] = [];
    for (const path of new Set(operations.map((operation) => operation.path))) {
      const offered = operations.filter((operation) => operation.path === path);
      const taken = new Set(offered.map(({ method }) => method));
      const url = fill(path, {});
      // What looks like a path with an id is one: GET /api/v1/actions/batch asks for an action.
      for (const { path: other, method } of operations)
        if (new RegExp(`^${other.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(url)) taken.add(method);
      for (const method of WRONG_METHODS.filter((name) => !taken.has(name))) {
        const headers = { authorization: `Bearer ${token}` };
        const { status, type, text } = await send({ title: '', method, url, headers });
        const isClear = status === 405 && type === 'application/problem+json';
        if (!isClear) faults.push(`${method} ${path}: ${status} ${type} ${text.slice(0, 80)}`);
      }
    }
    expect(faults).toEqual([]);
  });

  it('uses regular expressions that other languages know', () => {
    const patterns = JSON.stringify(document).matchAll(/"pattern":"((?:[^"\\]|\\.)*)"/g);
    const foreign = Array.from(patterns, ([, pattern = '']) => pattern).filter((pattern) =>
      /\\\\p\{|\(\?<|\(\?[a-z]/.test(pattern),
    );
    expect(foreign).toEqual([]);
  });
});
