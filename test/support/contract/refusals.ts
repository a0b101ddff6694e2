import * as fc from 'fast-check';
import { isObject, type JsonSchema } from '../../../src/actions/json.js';
import type { PlatformRequest } from '../../../src/actions/wire.js';
import type { AnswerMaker } from './answers.js';
import type { Contract } from './contract.js';
import type { ContractFault } from './exceptions.js';
import { type Input, makeValue, propertiesOf, SEED } from './inputs.js';
import { parseInput, record, type TriedAction } from './recording.js';
import { findOperation, findRequestFaults, readBody } from './request-faults.js';

type Step = string | number;
type Path = readonly Step[];

/** A field of an input, or of an object or list in it. */
interface Leaf {
  readonly path: Path;
  readonly schema: JsonSchema;
}

/** A field whose value stands in a request as it is. */
interface Landing {
  readonly leaf: Leaf;
  readonly input: Input;
  /** What the contract says of the place. */
  readonly schemas: readonly JsonSchema[];
}

/** Other values of a field that are tried to see where it lands. */
const MARKERS = 8;

/**
 * The inputs that the contract refuses and the action takes: each field whose value is found in a request
 * gets values beyond every bound that the contract has there.
 * @param inputs that the action takes
 */
export async function findTakenAgainstContract(
  tried: TriedAction,
  inputs: readonly Input[],
  contract: Contract,
  answers: AnswerMaker,
): Promise<{ readonly faults: ContractFault[]; readonly bounds: number }> {
  const faults: ContractFault[] = [];
  let bounds = 0;
  for (const leaf of listLeaves(tried.action.inputSchema)) {
    const landing = await findLanding(tried, leaf, inputs, contract, answers);
    if (!landing) continue;
    for (const { rule, value } of landing.schemas.flatMap((schema) =>
      listBeyond(schema, read(landing.input, leaf.path)),
    )) {
      bounds += 1;
      const input = write(landing.input, leaf.path, value);
      if (parseInput(tried, input) === undefined) continue;
      const { requests } = await record(tried, input, answers);
      const field = leaf.path.map((step) => (typeof step === 'number' ? '[]' : step)).join('.');
      for (const request of requests)
        for (const fault of findRequestFaults(contract, tried.action, request))
          faults.push({
            ...fault,
            says: `${field} is taken against the bound ${rule}: ${fault.says}`,
          });
    }
  }
  return { faults, bounds };
}

function listLeaves(schema: JsonSchema, path: Path = []): Leaf[] {
  return Object.entries(propertiesOf(schema)).flatMap(([name, property]) =>
    listInner(property, [...path, name]),
  );
}

function listInner(schema: JsonSchema, path: Path): Leaf[] {
  if (path.length > 6) return [];
  if (schema['type'] === 'object') return listLeaves(schema, path);
  if (schema['type'] !== 'array') return [{ path, schema }];
  return [{ path, schema }, ...listInner(schema['items'] as JsonSchema, [...path, 0])];
}

/** Gives a field two values, and looks for the place in the requests that has the one and then the other. */
async function findLanding(
  tried: TriedAction,
  leaf: Leaf,
  inputs: readonly Input[],
  contract: Contract,
  answers: AnswerMaker,
): Promise<Landing | undefined> {
  const input = inputs.find((one) => read(one, leaf.path) !== undefined);
  if (!input) return undefined;
  const first = read(input, leaf.path);
  const other = fc
    .sample(makeValue(leaf.schema), { numRuns: MARKERS, seed: SEED })
    .find(
      (value) =>
        !isSame(value, first) && parseInput(tried, write(input, leaf.path, value)) !== undefined,
    );
  if (other === undefined) return undefined;
  const before = await record(tried, input, answers);
  const after = await record(tried, write(input, leaf.path, other), answers);
  const schemas = before.requests.flatMap((request, index) => {
    const later = after.requests[index];
    return later ? findPlaces(contract, request, later, first, other) : [];
  });
  return schemas.length > 0 ? { leaf, input, schemas } : undefined;
}

/** What the contract says of the places where one request has `first` and the other has `other`. */
function findPlaces(
  contract: Contract,
  request: PlatformRequest,
  later: PlatformRequest,
  first: unknown,
  other: unknown,
): JsonSchema[] {
  const found = findOperation(contract, request);
  const foundLater = findOperation(contract, later);
  if (!found || found.key !== foundLater?.key) return [];
  const lands = (one: unknown, two: unknown): boolean => isSame(one, first) && isSame(two, other);
  const inPath = Object.entries(found.operation.path ?? {}).flatMap(([name, schema]) =>
    lands(found.path[name], foundLater.path[name]) ? flatten(contract, schema) : [],
  );
  const inQuery = Object.entries(found.operation.query ?? {}).flatMap(([name, schema]) =>
    lands(request.query?.[name], later.query?.[name]) ? flatten(contract, schema) : [],
  );
  const { body } = found.operation;
  const inBody = body
    ? findInBody(contract, [body], readBody(request), readBody(later), lands)
    : [];
  return [...inPath, ...inQuery, ...inBody];
}

function findInBody(
  contract: Contract,
  schemas: readonly JsonSchema[],
  one: unknown,
  two: unknown,
  lands: (one: unknown, two: unknown) => boolean,
): JsonSchema[] {
  const flat = schemas.flatMap((schema) => flatten(contract, schema));
  const here = lands(one, two) ? flat : [];
  if (Array.isArray(one) && Array.isArray(two)) {
    const items = flat.flatMap((schema): JsonSchema[] =>
      schema['items'] ? [schema['items'] as JsonSchema] : [],
    );
    return [...here, ...findInBody(contract, items, one[0], two[0], lands)];
  }
  if (!isObject(one) || !isObject(two)) return here;
  return [
    ...here,
    ...Object.keys(one).flatMap((name) => {
      const members = flat.flatMap((schema) => {
        const member = propertiesOf(schema)[name];
        return member ? [member] : [];
      });
      return findInBody(contract, members, one[name], two[name], lands);
    }),
  ];
}

/** The forms of a schema, one of which a value must have. */
function flatten(contract: Contract, raw: JsonSchema | undefined): JsonSchema[] {
  if (!raw) return [];
  const schema = contract.resolve(raw);
  const forms = schema['anyOf'];
  return Array.isArray(forms)
    ? (forms as readonly JsonSchema[]).flatMap((form) => flatten(contract, form))
    : [schema];
}

interface Beyond {
  readonly rule: string;
  readonly value: unknown;
}

/** Values beyond each bound of a schema, as near to a right one as can be. */
function listBeyond(schema: JsonSchema, right: unknown): Beyond[] {
  const bounds = schema as Readonly<Record<string, number | undefined>>;
  const { minLength, maxLength, maxBytes, minimum, maximum, minItems, maxItems } = bounds;
  const beyond: Beyond[] = [];
  const add = (rule: string, ...values: unknown[]): void => {
    for (const value of values) beyond.push({ rule, value });
  };
  if (typeof right === 'string') {
    if (maxLength !== undefined)
      add(
        'maxLength',
        right.padEnd(maxLength + 1, right.at(-1) ?? '1'),
        '1'.repeat(maxLength + 1),
        'a'.repeat(maxLength + 1),
      );
    if (maxBytes !== undefined) add('maxBytes', '\u00e9'.repeat(Math.floor(maxBytes / 2) + 1));
    if (minLength) add('minLength', right.slice(0, minLength - 1), '1'.repeat(minLength - 1));
    if (schema['enum']) add('enum', `${right}_`, 'no_such_choice');
    if (schema['pattern']) add('pattern', `${right}<`, '<&>', `${right} `);
  }
  if (typeof right === 'number') {
    if (maximum !== undefined) add('maximum', maximum + 1, maximum + 0.1);
    if (minimum !== undefined) add('minimum', minimum - 1, minimum - 0.1);
    if (schema['format'] === 'int32') add('int32', 2 ** 31, -(2 ** 31) - 1);
    if (schema['enum']) add('enum', right + 1, -1);
  }
  if (Array.isArray(right)) {
    const [item] = right as unknown[];
    if (maxItems !== undefined && item !== undefined)
      add(
        'maxItems',
        Array.from({ length: maxItems + 1 }, () => item),
        Array.from({ length: maxItems + 1 }, (_, index) =>
          typeof item === 'string' ? String(700_000_000_000_000 + index) : item,
        ),
      );
    if (minItems) add('minItems', right.slice(0, minItems - 1));
  }
  return beyond;
}

/** The value at a path; of a list its first item. */
function read(value: unknown, path: Path): unknown {
  let at: unknown = value;
  for (const step of path) {
    if (Array.isArray(at)) at = at[Number(step)] as unknown;
    else if (isObject(at)) at = at[String(step)];
    else return undefined;
  }
  return at;
}

function write(value: Input, path: Path, to: unknown): Input {
  return writeAt(value, path, to) as Input;
}

function writeAt(value: unknown, [step, ...rest]: Path, to: unknown): unknown {
  if (step === undefined) return to;
  if (Array.isArray(value)) {
    const list = value as readonly unknown[];
    return list.map((item, index) => (index === step ? writeAt(item, rest, to) : item));
  }
  const members = isObject(value) ? value : {};
  return { ...members, [step]: writeAt(members[String(step)], rest, to) };
}

function isSame(one: unknown, two: unknown): boolean {
  if (typeof one === 'object' || typeof two === 'object')
    return JSON.stringify(one) === JSON.stringify(two);
  return one !== undefined && String(one) === String(two);
}
