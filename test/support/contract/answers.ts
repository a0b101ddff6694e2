import { isObject, type JsonSchema } from '../../../src/actions/json.js';
import type { PlatformRequest } from '../../../src/actions/wire.js';
import { Contract } from './contract.js';
import type { ContractFault } from './exceptions.js';
import { findOperation, joinPlace, readBody } from './request-faults.js';

const DEEPEST = 7;
/** Stands for ids and texts; digits are an id of every platform. */
const ANY_TEXT = '700000000000000001';
const BY_FORMAT: Readonly<Record<string, string>> = {
  'date-time': '2027-01-31T18:30:00Z',
  'date-time or empty': '2027-01-31T18:30:00Z',
  date: '2027-01-31',
  uri: 'https://example.com/a',
  binary: 'bytes',
  byte: 'Ynl0ZXM=',
};
const UNSPECIFIED = /unspecified|unknown/i;

/** Makes answers of endpoints from their schemas, with every member. */
export class AnswerMaker {
  readonly #made = new Map<string, unknown>();

  constructor(private readonly contract: Contract) {}

  /** The answer to a request; undefined where the endpoint answers without a body. */
  answer(request: PlatformRequest): unknown {
    const found = findOperation(this.contract, request);
    if (!found) return undefined;
    const { key, operation } = found;
    if (!this.#made.has(key)) {
      const schema = Object.values(operation.answers).find((one) => one !== null);
      this.#made.set(key, schema ? this.#make(schema, 0) : undefined);
    }
    const made = structuredClone(this.#made.get(key));
    echo(made, request, found.path);
    return request.placeholder ? overlay(made, request.placeholder) : made;
  }

  #make(raw: JsonSchema, depth: number): unknown {
    const schema = this.contract.resolve(raw);
    const { enum: choices, anyOf } = schema;
    if (schema['const'] !== undefined) return schema['const'];
    if (Array.isArray(choices))
      return choices.find((one) => !UNSPECIFIED.test(String(one))) ?? (choices[0] as unknown);
    if (Array.isArray(anyOf)) return this.#makeOneOf(anyOf as readonly JsonSchema[], depth);
    const type = readType(schema);
    if (type === 'object') return this.#makeObject(schema, depth);
    if (type === 'array') {
      const { minItems = 0 } = schema as { minItems?: number };
      const length = depth > DEEPEST ? minItems : Math.max(1, minItems);
      return Array.from({ length }, () => this.#make(schema['items'] as JsonSchema, depth + 1));
    }
    if (type === 'boolean') return true;
    if (type === 'integer' || type === 'number') return (schema['minimum'] as number) ?? 1;
    return type === 'null' ? null : makeText(schema);
  }

  #makeOneOf(forms: readonly JsonSchema[], depth: number): unknown {
    if (depth > DEEPEST && forms.some(isNull)) return null;
    const form = forms.find((one) => !isNull(one));
    return form ? this.#make(form, depth + 1) : null;
  }

  #makeObject(schema: JsonSchema, depth: number): Record<string, unknown> {
    const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
    const required = new Set((schema['required'] ?? []) as readonly string[]);
    return Object.fromEntries(
      Object.entries(properties)
        .filter(([name]) => required.has(name) || depth <= DEEPEST - 3)
        .map(([name, member]) => [name, this.#make(member, depth + 1)]),
    );
  }
}

const isNull = (form: JsonSchema): boolean => form['type'] === 'null';

function readType(schema: JsonSchema): unknown {
  const { type } = schema;
  if (Array.isArray(type)) return type.find((one) => one !== 'null') as unknown;
  return type ?? (schema['properties'] ? 'object' : 'string');
}

function makeText(schema: JsonSchema): string {
  const {
    format,
    pattern,
    minLength = 0,
    maxLength = 1_000,
  } = schema as {
    format?: string;
    pattern?: string;
    minLength?: number;
    maxLength?: number;
  };
  const known = format === undefined ? undefined : BY_FORMAT[format];
  if (known !== undefined) return known;
  const text = ANY_TEXT.padEnd(minLength, '1').slice(0, maxLength);
  if (pattern === undefined || new RegExp(pattern).test(text)) return text;
  return new RegExp(pattern).test('#9146ff') ? '#9146ff' : text;
}

/** Things in an answer are those that the request is about: what it names, such as an id, they have as well. */
function echo(
  answer: unknown,
  request: PlatformRequest,
  path: Readonly<Record<string, string>>,
): void {
  const body = readBody(request) ?? {};
  const { data: inner } = body;
  const last = Object.entries(path).at(-1);
  const isAboutLast = last && request.path.endsWith(`/${encodeURIComponent(last[1])}`);
  const sources: readonly Members[] = [
    ...(isAboutLast && last[0].endsWith('_id') ? [{ id: last[1] }] : []),
    path,
    readQuery(request.query ?? {}),
    body,
    ...(isObject(inner) ? [inner] : []),
  ];
  for (const thing of listThings(answer)) for (const source of sources) echoInto(thing, source);
}

type Members = Readonly<Record<string, unknown>>;

function readQuery(query: NonNullable<PlatformRequest['query']>): Members {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}

function listThings(answer: unknown): Record<string, unknown>[] {
  const whole = isObject(answer) ? [answer, answer['data'], answer['items']] : [answer];
  return whole
    .flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : [list]))
    .filter(isObject);
}

function echoInto(thing: Record<string, unknown>, source: Members): void {
  for (const [name, value] of Object.entries(source)) {
    const here = thing[name];
    if (isObject(value) && isObject(here)) echoInto(here, value);
    else if (Array.isArray(value) && Array.isArray(here) && isObject(value[0]))
      thing[name] = (value as readonly Members[]).map((item) => {
        const copy = structuredClone(here[0] as unknown);
        if (isObject(copy)) echoInto(copy, item);
        return copy;
      });
    else if (here !== undefined && typeof value === typeof here && typeof value !== 'object')
      thing[name] = value;
  }
}

/** What a rehearsal reads, which is what the action goes on with; unknown parts stay as they are. */
function overlay(made: unknown, placeholder: unknown): unknown {
  if (typeof placeholder === 'string')
    return /^<.*>$/s.test(placeholder) ? (typeof made === 'string' ? made : ANY_TEXT) : placeholder;
  if (Array.isArray(placeholder)) {
    const [first] = Array.isArray(made) ? (made as unknown[]) : [];
    return placeholder.map((item: unknown) => overlay(structuredClone(first), item));
  }
  if (!isObject(placeholder)) return placeholder;
  const whole: Record<string, unknown> = isObject(made) ? { ...made } : {};
  for (const [name, value] of Object.entries(placeholder))
    if (value !== undefined) whole[name] = overlay(whole[name], value);
  return whole;
}

const contracts = new Map<string, Contract>();

/** The contract of a platform, which is read once. */
export function contractOf(platform: string): Contract {
  const known = contracts.get(platform) ?? Contract.load(platform);
  contracts.set(platform, known);
  return known;
}

/** An answer that a simulation gave to a request. */
export interface GivenAnswer {
  readonly method: string;
  /** Below the address of the API, encoded. */
  readonly path: string;
  readonly status: number;
  /** Undefined if there was none. */
  readonly body: unknown;
}

/** In which a successful answer differs from the contract; other answers are not held against it. */
export function checkAnswer(
  platform: string,
  answer: GivenAnswer,
  action?: string,
): ContractFault[] {
  return findAnswerFaults(contractOf(platform), answer, action);
}

/** The same with a contract that is at hand. */
export function findAnswerFaults(
  contract: Contract,
  { method, path, status, body }: GivenAnswer,
  action = '',
): ContractFault[] {
  if (status < 200 || status > 299) return [];
  const found = findOperation(contract, { method: method as PlatformRequest['method'], path });
  if (!found) {
    const says = 'the contract has no such endpoint';
    return [{ action, operation: `${method} ${path}`, place: 'path', rule: 'unknown', says }];
  }
  const { key, operation } = found;
  const fault = (place: string, rule: string, says: string): ContractFault => ({
    action,
    operation: key,
    place,
    rule,
    says,
  });
  const schema = operation.answers[status];
  if (schema === undefined)
    return [
      fault('status', 'enum', `${status} is none of ${Object.keys(operation.answers).join(', ')}`),
    ];
  if (schema === null)
    return body === undefined ? [] : [fault('answer', 'unknown', 'must have no body')];
  if (body === undefined) return [fault('answer', 'required', 'has no body')];
  return contract
    .findFaults(key, `answers/${status}`, body)
    .map(({ place, rule, says }) => fault(joinPlace('answer', place), rule, says));
}

/** In which the answer of a rehearsal, which an action gives with its request, differs from the contract. */
export function findPlaceholderFaults(
  contract: Contract,
  action: string,
  request: PlatformRequest,
  answers: AnswerMaker,
): ContractFault[] {
  const { method, path, placeholder } = request;
  const statuses = Object.entries(findOperation(contract, request)?.operation.answers ?? {});
  const status = statuses.find(([, schema]) => schema !== null)?.[0];
  if (!placeholder || status === undefined) return [];
  const given = { method, path, status: Number(status), body: answers.answer(request) };
  return findAnswerFaults(contract, given, action).map((fault) => {
    const place = fault.place.replace(/^answer/, 'placeholder');
    return Object.assign(fault, { place });
  });
}
