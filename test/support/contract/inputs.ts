import * as fc from 'fast-check';
import { isObject, type JsonSchema } from '../../../src/actions/json.js';
import { parseInput, type TriedAction } from './recording.js';

export type Input = Readonly<Record<string, unknown>>;

/** Runs are the same every time, so that an exception that is used stays used. */
export const SEED = 20_261_130;

/** Up to this number of optional fields, every combination of them is tried. */
const MOST_COMBINED = 6;
/** Values of which a combination is made; the first that the action takes is used. */
const POOL = 10;
const LONGEST_WHOLE = 2_100;
const MOST_WHOLE_ITEMS = 50;
const MOST_WHOLE_OBJECTS = 10;

/** Inputs of an action, most of which it takes: made of its fields, and of its example with some changed. */
export function makeInputs({ action }: TriedAction): fc.Arbitrary<Input> {
  const example = action.example.input as Input;
  const names = Object.keys(propertiesOf(action.inputSchema));
  const whole = makeObject(action.inputSchema);
  // Most of what is taken away is needed, and some fields exclude others.
  const few = fc.oneof(
    fc.subarray(names, { maxLength: Math.min(3, names.length) }),
    fc.subarray(names),
  );
  const cleared = fc.oneof(
    { weight: 3, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: fc.subarray(names, { maxLength: Math.min(2, names.length) }) },
  );
  const changed = fc
    .tuple(few, cleared, makeObject(action.inputSchema, true))
    .map(([set, left, values]) =>
      merge(
        pick(example, new Set(names), new Set(left)),
        pick(example, requiredOf(action.inputSchema)),
        pick(values, new Set(set)),
      ),
    );
  return fc.oneof({ weight: 1, arbitrary: whole }, { weight: 4, arbitrary: changed });
}

/**
 * Inputs with every combination of optional fields; of many fields none, all, each, each pair, and all but
 * each. A combination that the action does not take is tried beside what the example has, or else left out.
 */
export function listCombinations(tried: TriedAction): Input[] {
  const { action } = tried;
  const required = requiredOf(action.inputSchema);
  const example = action.example.input as Input;
  const optional = Object.keys(propertiesOf(action.inputSchema)).filter(
    (name) => !required.has(name),
  );
  const pool: Input[] = fc.sample(makeObject(action.inputSchema, true), {
    numRuns: POOL,
    seed: SEED,
  });
  const combinations = combine(optional).flatMap((names) => {
    const wanted = new Set(names);
    const drawn = pool.flatMap((values) => [
      merge(pick(example, required), pick(values, wanted)),
      merge(pick(values, required), pick(values, wanted)),
      merge(pick(example, required), pick(values, wanted), pick(example, wanted)),
    ]);
    // Some fields only go with others, which the example has.
    const besides = pool.map((values) => merge(example, pick(values, wanted)));
    const taken = [...drawn, ...besides].find((input) => parseInput(tried, input) !== undefined);
    return taken ? [taken] : [];
  });
  return [example, ...combinations];
}

function combine(names: readonly string[]): (readonly string[])[] {
  if (names.length <= MOST_COMBINED)
    return Array.from({ length: 2 ** names.length }, (_, bits) =>
      names.filter((_name, index) => (bits & (2 ** index)) !== 0),
    );
  const pairs = names.flatMap((one, index) => names.slice(index + 1).map((two) => [one, two]));
  const without = names.map((left) => names.filter((name) => name !== left));
  return [[], ...names.map((name) => [name]), ...pairs, ...without, names];
}

function pick(values: Input, names: ReadonlySet<string>, except?: ReadonlySet<string>): Input {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => names.has(name) && !except?.has(name)),
  );
}

/** Later values take the place of earlier ones. */
export function merge(...parts: readonly Input[]): Input {
  return Object.assign({}, ...parts) as Input;
}

export function propertiesOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
}

function requiredOf(schema: JsonSchema): ReadonlySet<string> {
  return new Set((schema['required'] ?? []) as readonly string[]);
}

/** Objects of a schema. @param isWhole with every optional member */
function makeObject(schema: JsonSchema, isWhole = false): fc.Arbitrary<Record<string, unknown>> {
  const properties = propertiesOf(schema);
  const members = Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, makeValue(property)]),
  );
  if (isWhole) return fc.record(members);
  const requiredKeys = Object.keys(members).filter((name) => requiredOf(schema).has(name));
  return fc.record(members, { requiredKeys });
}

/** Values of one field, made of its schema and of its examples. */
export function makeValue(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { examples } = schema;
  const made = makeByType(schema);
  if (!Array.isArray(examples) || examples.length === 0) return made;
  return fc.oneof(
    { weight: 4, arbitrary: made },
    { weight: 1, arbitrary: fc.constantFrom(...(examples as readonly unknown[])) },
  );
}

function makeByType(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { anyOf, enum: choices } = schema;
  if (Array.isArray(choices)) return fc.constantFrom(...(choices as readonly unknown[]));
  if (Array.isArray(anyOf)) return fc.oneof(...(anyOf as readonly JsonSchema[]).map(makeValue));
  switch (schema['type']) {
    case 'string':
      return makeText(schema);
    case 'integer':
    case 'number':
      return makeNumber(schema);
    case 'boolean':
      return fc.boolean();
    case 'array':
      return makeList(schema);
    case 'object':
      return isObject(schema['properties'])
        ? makeObject(schema)
        : fc.dictionary(fc.string({ minLength: 1 }), fc.string());
    default:
      throw new Error(`No value is known for the type ${String(schema['type'])}`);
  }
}

interface TextSchema {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

function makeText(schema: JsonSchema): fc.Arbitrary<string> {
  const { minLength = 0, maxLength = LONGEST_WHOLE, pattern } = schema as TextSchema;
  if (pattern !== undefined) return makePattern(pattern, { minLength, maxLength });
  const most = Math.min(maxLength, Math.max(minLength, 24));
  const whole = Math.min(maxLength, LONGEST_WHOLE);
  return fc.oneof(
    { weight: 6, arbitrary: fc.string({ unit: 'grapheme-ascii', minLength, maxLength: most }) },
    { weight: 2, arbitrary: fc.string({ unit: 'grapheme', minLength, maxLength: most }) },
    { weight: 2, arbitrary: fc.base64String({ minLength, maxLength: most }) },
    { weight: 1, arbitrary: fc.constant('x'.repeat(whole)) },
    { weight: 1, arbitrary: fc.constant('\u{1F600}'.repeat(whole)) },
  );
}

function makePattern(
  pattern: string,
  { minLength, maxLength }: { minLength: number; maxLength: number },
): fc.Arbitrary<string> {
  const schemes = /^\^\(([a-z|]+)\):\/\//.exec(pattern)?.[1]?.split('|');
  if (schemes) return fc.webUrl({ validSchemes: schemes, withQueryParameters: true });
  if (pattern.startsWith('^[0-9]{4}-[0-9]{2}')) return makeTimestamp();
  const form = new RegExp(pattern);
  const fits = (text: string): boolean => text.length >= minLength && text.length <= maxLength;
  const forms = [{ weight: 6, arbitrary: matching(pattern, Math.min(maxLength, 100)) }];
  // The longest of a few letters that most patterns take.
  for (const letter of ['1', 'a', '\u00e9']) {
    const text = letter.repeat(Math.min(maxLength, LONGEST_WHOLE));
    if (form.test(text)) forms.push({ weight: 1, arbitrary: fc.constant(text) });
  }
  return fc.oneof(...forms).filter(fits);
}

/** Every sign of a class is spelled out, which takes seconds up to U+FFFF: a part of it is enough. */
function matching(pattern: string, maxLength: number): fc.Arbitrary<string> {
  return fc.stringMatching(new RegExp(pattern.replaceAll('\\uffff', '\\u02ff')), { maxLength });
}

const HOUR_MS = 3_600_000;
const MOST_HOURS_AHEAD = 27 * 24;

/** Times to come, since most times of requests must be: within a month, as some must, and far ahead. */
function makeTimestamp(): fc.Arbitrary<string> {
  const range = { min: new Date('2100-01-01T00:00:00Z'), max: new Date('2110-01-01T00:00:00Z') };
  const soon = fc
    .integer({ min: 12, max: MOST_HOURS_AHEAD })
    .map((hours) => new Date(Date.now() + hours * HOUR_MS));
  return fc
    .tuple(
      fc.oneof(soon, fc.date({ ...range, noInvalidDate: true })),
      fc.constantFrom('Z', '+02:00', '-09:30'),
    )
    .map(([date, zone]) => date.toISOString().replace('Z', zone));
}

function makeNumber(schema: JsonSchema): fc.Arbitrary<number> {
  const {
    type,
    minimum = -(2 ** 31),
    maximum = 2 ** 31 - 1,
    multipleOf,
  } = schema as { type?: string; minimum?: number; maximum?: number; multipleOf?: number };
  const step = multipleOf ?? (type === 'integer' ? 1 : 0.5);
  const least = Math.ceil(minimum / step - 1e-9);
  const most = Math.floor(maximum / step + 1e-9);
  return fc
    .integer({ min: least, max: most })
    .map((steps) => Number((steps * step).toPrecision(12)));
}

function makeList(schema: JsonSchema): fc.Arbitrary<unknown[]> {
  const {
    minItems = 0,
    maxItems = 1_000,
    uniqueItems = false,
  } = schema as {
    minItems?: number;
    maxItems?: number;
    uniqueItems?: boolean;
  };
  const item = makeValue(schema['items'] as JsonSchema);
  const few = { minLength: minItems, maxLength: Math.min(maxItems, minItems + 2) };
  const isOfObjects = (schema['items'] as JsonSchema)['type'] === 'object';
  const whole = Math.min(maxItems, isOfObjects ? MOST_WHOLE_OBJECTS : MOST_WHOLE_ITEMS);
  const make = (bounds: { minLength: number; maxLength: number }): fc.Arbitrary<unknown[]> =>
    uniqueItems
      ? fc.uniqueArray(item, { ...bounds, selector: (value) => JSON.stringify(value) })
      : fc.array(item, bounds);
  // Choices have no more different items than there are choices.
  const canFill = !uniqueItems || !(schema['items'] as JsonSchema)['enum'];
  return canFill
    ? fc.oneof(
        { weight: 15, arbitrary: make(few) },
        { weight: 1, arbitrary: make({ minLength: whole, maxLength: whole }) },
      )
    : make(few);
}
