// This file is long: a field validates, describes itself as JSON Schema and redacts by one declaration.
import 'reflect-metadata';
import { ValidateBy, Validator } from '../vendor/class-validator.js';
import type { FieldViolation } from './failures.js';
import { isObject, type JsonSchema } from './json.js';
import { suggestName } from './nearest-name.js';
import { hideAddressSecrets, listTexts, redactPrivate } from './redaction.js';
import type { ActionContext, Upstream } from './upstream.js';

/** Options of a text that is a URL of an operator's setting, over http or https. */
export const URL_TEXT = {
  pattern: /^https?:\/\/[^\s]+$/,
  patternMeans: 'a URL such as https://host/path',
};

/** A class whose properties carry field decorators. */
export type FieldClass<T extends object = object> = new () => T;

export interface FieldOptions {
  /** Whether it may be omitted (or null). */
  optional?: boolean;
  /** The value if the field is omitted. */
  default?: unknown;
  example?: unknown;
  /** Message content or a secret: the audit log keeps only its length. */
  private?: boolean;
  /** Another name that callers may use for it. */
  alias?: string;
  /** Finds the id that a name stands for; without it, the value is what the platform takes. */
  findId?: FindId;
}

/**
 * Finds the id behind a name, such as that of a user behind a login. Not called for what is an id already.
 * @returns the id; undefined if the text is an id
 */
type FindId = (
  text: string,
  about: { readonly field: string; readonly input: object; readonly context: ActionContext },
  upstream: Upstream,
) => Promise<string> | undefined;

/** How the length of a text is counted; platforms differ. */
export type TextUnit = 'characters' | 'utf-16 units' | 'bytes';

/** One field: its check and its description come from the same options. */
export interface Field {
  readonly name: string;
  readonly description: string;
  readonly optional: boolean;
  readonly default?: unknown;
  readonly example?: unknown;
  readonly private: boolean;
  readonly schema: JsonSchema;
  /** Converts an accepted spelling ("60", "a, b") to the field's own type; other values stay as they are. */
  readonly coerce: (value: unknown) => unknown;
  /** The fault of a value, as a text that says how to mend it; undefined if the value is valid. */
  readonly findFault: (value: unknown) => string | undefined;
  /** For an object, or a list of objects, with fields of their own. */
  readonly inner?: FieldClass;
  readonly alias?: string;
  readonly findId?: FindId;
}

const fieldsOfClass = new WeakMap<object, Map<string, Field>>();

/** The fields of classes, cached on first use; all decorators have run by then. */
const listedFields = new WeakMap<FieldClass, ReadonlyMap<string, Field>>();

/** The fields of a decorated class, in the order of their declaration. */
export function listFields(type: FieldClass): readonly Field[] {
  return [...knowFields(type).values()];
}

function knowFields(type: FieldClass): ReadonlyMap<string, Field> {
  const known = listedFields.get(type);
  if (known) return known;
  const fields = mapFields(type.prototype as object);
  listedFields.set(type, fields);
  return fields;
}

/** The fields of a prototype and of all above it, the nearest declaration of a name winning. */
function mapFields(prototype: object): Map<string, Field> {
  const above = Object.getPrototypeOf(prototype) as object | null;
  return new Map([...(above ? mapFields(above) : []), ...(fieldsOfClass.get(prototype) ?? [])]);
}

/**
 * Replaces names by the ids that they stand for, one after the other.
 * @throws ActionFailure INVALID_INPUT for a name of nothing, or of several things
 */
export async function findIds<T extends object>(
  type: FieldClass<T>,
  input: T,
  context: ActionContext,
  upstream: Upstream,
): Promise<T> {
  let found = input;
  for (const field of listFieldsWithNames(type)) {
    const value = (input as Readonly<Record<string, unknown>>)[field.name];
    const ids = await findIdsOf(field, value, { field: field.name, input, context }, upstream);
    if (ids !== undefined)
      found = Object.assign(Object.create(type.prototype as object), found, { [field.name]: ids });
  }
  return found;
}

const fieldsWithNames = new WeakMap<FieldClass, readonly Field[]>();

/** The fields that take names in place of ids. */
export function listFieldsWithNames(type: FieldClass): readonly Field[] {
  const known = fieldsWithNames.get(type);
  if (known) return known;
  const fields = listFields(type).filter(({ findId }) => findId !== undefined);
  fieldsWithNames.set(type, fields);
  return fields;
}

/** The value with ids in place of names; undefined if it holds no name. */
async function findIdsOf(
  { findId }: Field,
  value: unknown,
  about: Parameters<FindId>[1],
  upstream: Upstream,
): Promise<unknown> {
  if (typeof value === 'string') return findId?.(value, about, upstream);
  if (!Array.isArray(value)) return undefined;
  let isChanged = false;
  const ids: unknown[] = [];
  for (const item of value) {
    const id = typeof item === 'string' ? await findId?.(item, about, upstream) : undefined;
    isChanged ||= id !== undefined;
    ids.push(id ?? item);
  }
  return isChanged ? ids : undefined;
}

/** The JSON Schema of a decorated class. */
export function describeFields(type: FieldClass): JsonSchema {
  const fields = listFields(type);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.name, field.schema])),
    required: fields.filter((field) => !field.optional).map((field) => field.name),
    additionalProperties: false,
  };
}

/** Result of reading untrusted values into a decorated class. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly violations: readonly FieldViolation[] };

const validator = new Validator();
const MAX_DEPTH = 32;
/** The most unknown names in an error: a million must not make an answer of a million sentences. */
const MOST_UNKNOWN_NAMED = 20;

/**
 * Reads untrusted values into an instance of a decorated class.
 * Reports every fault at once; nothing unknown, too deep or unstorable (U+0000) passes.
 */
export function parseFields<T extends object>(type: FieldClass<T>, values: unknown): Parsed<T> {
  if (!isObject(values)) {
    return { ok: false, violations: [{ field: '', message: 'must be an object of named values' }] };
  }
  const fields = knowFields(type);
  return parseKnown(type, fields, renameAliases(fields, values));
}

/** Other names of fields, by class; most classes have none. */
const knownAliases = new WeakMap<ReadonlyMap<string, Field>, ReadonlyMap<string, string>>();

function listAliases(fields: ReadonlyMap<string, Field>): ReadonlyMap<string, string> {
  const known = knownAliases.get(fields);
  if (known) return known;
  const aliases = new Map(
    [...fields.values()].flatMap(({ name, alias }): [string, string][] =>
      alias === undefined ? [] : [[alias, name]],
    ),
  );
  knownAliases.set(fields, aliases);
  return aliases;
}

/** The values by the names of their fields. A field that is given by both of its names stays as it is. */
function renameAliases(
  fields: ReadonlyMap<string, Field>,
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const aliases = listAliases(fields);
  if (aliases.size === 0) return values;
  let renamed = values;
  for (const [alias, name] of aliases) {
    if ((values[alias] ?? undefined) === undefined || (values[name] ?? undefined) !== undefined)
      continue;
    const { [alias]: value, ...others } = renamed;
    renamed = { ...others, [name]: value };
  }
  return renamed;
}

function parseKnown<T extends object>(
  type: FieldClass<T>,
  fields: ReadonlyMap<string, Field>,
  values: Readonly<Record<string, unknown>>,
): Parsed<T> {
  const instance = new type();
  const target = instance as Record<string, unknown>;
  for (const field of fields.values()) {
    const given = values[field.name] ?? undefined;
    if (given !== undefined) target[field.name] = field.coerce(given);
    else if (field.default !== undefined) target[field.name] = copyDefault(field.default);
    else if (field.optional && field.name in target) delete target[field.name];
  }
  // Texts are built only for faults.
  return isFine(fields, values, target)
    ? { ok: true, value: instance }
    : { ok: false, violations: listViolations(fields, values, instance) };
}

/**
 * The faults of values that must already have the types of a decorated class: other spellings, such as the
 * text "false" for a flag, are faults here.
 */
export function findFaults(type: FieldClass, values: unknown): readonly FieldViolation[] {
  const fields = knowFields(type);
  if (isObject(values) && isFine(fields, values, values)) return [];
  const parsed = parseFields(type, values);
  if (!parsed.ok) return parsed.violations;
  const given = values as Readonly<Record<string, unknown>>;
  return [...fields.values()].flatMap(({ name, findFault }) => {
    const message = findFault(given[name]);
    return message === undefined ? [] : [{ field: name, message }];
  });
}

function isFine(
  fields: ReadonlyMap<string, Field>,
  values: Readonly<Record<string, unknown>>,
  target: Readonly<Record<string, unknown>>,
): boolean {
  for (const name of Object.keys(values))
    if (!fields.has(name) || !isStorable(values[name], MAX_DEPTH)) return false;
  for (const { name, findFault } of fields.values())
    if (findFault(target[name]) !== undefined) return false;
  return true;
}

function listViolations(
  fields: ReadonlyMap<string, Field>,
  values: Readonly<Record<string, unknown>>,
  instance: object,
): FieldViolation[] {
  const names = [...fields.keys()];
  const violations: FieldViolation[] = [];
  const unstorable = new Set<string>();
  let unknown = 0;
  for (const [name, value] of Object.entries(values)) {
    if (!fields.has(name)) {
      unknown += 1;
      if (unknown > MOST_UNKNOWN_NAMED) continue;
      const same = listAliases(fields).get(name);
      violations.push({
        field: shorten(name),
        message:
          same === undefined
            ? `is not known here.${suggestKnown(name, names)}`
            : `says the same as ${same}: send one of the two`,
      });
      continue;
    }
    const fault = findUnstorable(value, name, MAX_DEPTH);
    if (!fault) continue;
    violations.push(fault);
    unstorable.add(name);
  }
  if (unknown > MOST_UNKNOWN_NAMED) {
    const more = unknown - MOST_UNKNOWN_NAMED;
    violations.push({ field: '', message: `has ${more} more names that are not known here` });
  }
  for (const { property, value } of validator.validateSync(instance, {
    forbidUnknownValues: false,
  })) {
    if (unstorable.has(property)) continue;
    // The field builds the message: class-validator replaces "$value" in messages, even if a caller wrote it.
    const message = fields.get(property)?.findFault(value) ?? 'is wrong';
    violations.push({ field: property, message });
  }
  return violations;
}

function copyDefault(value: unknown): unknown {
  return typeof value === 'object' ? structuredClone(value) : value;
}

/** Whether `findUnstorable` finds nothing. */
function isStorable(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return !value.includes('\u0000') && value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  for (const name of Object.keys(value)) {
    if (!isStorable(name, depth)) return false;
    if (!isStorable((value as Record<string, unknown>)[name], depth - 1)) return false;
  }
  return true;
}

function suggestKnown(name: string, names: readonly string[]): string {
  const suggestion = suggestName(name, names);
  return suggestion || (names.length ? ` Known: ${names.join(', ')}` : ' No parameters are taken');
}

/** A name from a caller, cut so that an error fits on one line. */
function shorten(text: string): string {
  const clean = text.toWellFormed().replaceAll('\u0000', '\uFFFD');
  return clean.length > 64 ? `${clean.slice(0, 64)}…` : clean;
}

/** PostgreSQL stores neither U+0000 nor half a surrogate pair; very deep nesting is an attack. */
function findUnstorable(value: unknown, path: string, depth: number): FieldViolation | undefined {
  if (typeof value === 'string') {
    if (value.includes('\u0000')) {
      return { field: path, message: 'must not contain U+0000 (the null character)' };
    }
    return value.isWellFormed() ? undefined : { field: path, message: 'is not valid Unicode text' };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === 0) {
    return {
      field: path.split('.', 2).join('.'),
      message: `is nested more than ${MAX_DEPTH} levels deep`,
    };
  }
  for (const [name, inner] of Object.entries(value)) {
    const place = `${path}.${shorten(name)}`;
    const fault = findUnstorable(name, place, depth) ?? findUnstorable(inner, place, depth - 1);
    if (fault) return fault;
  }
  return undefined;
}

/** Declares a field with a form of its own; the decorators below use it. */
export function declareField(
  description: string,
  options: FieldOptions,
  shape: Pick<Field, 'schema' | 'coerce' | 'findFault' | 'inner'>,
): PropertyDecorator {
  const optional = options.optional === true || options.default !== undefined;
  return (prototype, property) => {
    const name = String(property);
    const fields = fieldsOfClass.get(prototype) ?? new Map<string, Field>();
    fieldsOfClass.set(prototype, fields);
    const findFault = (value: unknown): string | undefined => {
      if (value === undefined)
        return optional
          ? undefined
          : `is missing: ${description.charAt(0).toLowerCase()}${description.slice(1)}`;
      const fault = shape.findFault(value);
      // A fault may quote the value, and the audit log keeps faults.
      return fault !== undefined && options.private
        ? redactPrivate(fault, listTexts(value))
        : fault;
    };
    fields.set(name, {
      name,
      description,
      optional,
      default: options.default,
      example: options.example,
      private: options.private === true,
      schema: {
        ...shape.schema,
        description,
        ...(options.default !== undefined && { default: options.default }),
        ...(options.example !== undefined && { examples: [options.example] }),
      },
      coerce: shape.coerce,
      findFault,
      ...(shape.inner && { inner: shape.inner }),
      ...(options.alias !== undefined && { alias: options.alias }),
      ...(options.findId && { findId: options.findId }),
    });
    ValidateBy({
      name: 'field',
      validator: {
        validate: (value: unknown) => findFault(value) === undefined,
        defaultMessage: (args) => findFault(args?.value) ?? 'is wrong',
      },
    })(prototype, property);
  };
}

const keep = (value: unknown): unknown => value;

interface TextOptions extends FieldOptions {
  /** Shortest and longest accepted length, counted in `unit`; defaults to 1 and no limit. */
  min?: number;
  max?: number;
  /** Default: Unicode characters (code points), so that an emoji such as 😀 counts as one. */
  unit?: TextUnit;
  pattern?: RegExp;
  /** The meaning of the pattern, as the end of "must be …". */
  patternMeans?: string;
  /** A text of white space alone is refused: the platform trims it and refuses the empty rest. */
  visible?: boolean;
}

const INVISIBLE = /^\s*$/;

/** The fault of a number in the place of a text. One that has lost digits already is not proposed as text. */
export function refuseNumber(value: number): string {
  return Math.abs(value) > Number.MAX_SAFE_INTEGER
    ? 'must be text: as a number it has lost digits; write it in quotes'
    : `must be text: write it in quotes, such as "${value}"`;
}

/** A text; numbers are refused, because large ids lose digits as numbers. */
export function Text(description: string, options: TextOptions = {}): PropertyDecorator {
  const { min = 1, max, unit = 'characters', pattern, patternMeans, visible } = options;
  const inBytes = unit === 'bytes' && max !== undefined;
  return declareField(description + (inBytes ? ` (at most ${max} bytes of UTF-8)` : ''), options, {
    schema: {
      type: 'string',
      ...(min > 0 && { minLength: min }),
      // A schema counts characters; a text of n bytes never has more than n of them.
      ...(max !== undefined && { maxLength: max }),
      ...(pattern && { pattern: pattern.source }),
    },
    coerce: keep,
    findFault(value) {
      if (typeof value === 'number') {
        // A private value must not get into an error, which the audit log keeps.
        return options.private ? 'must be text: write it in quotes' : refuseNumber(value);
      }
      if (typeof value !== 'string') return `must be text, not ${nameType(value)}`;
      const length = countText(value, unit);
      if (length < min)
        return min === 1 ? 'must not be empty' : `must have at least ${min} ${unit}`;
      if (max !== undefined && length > max)
        return `must have at most ${max} ${unit}, and has ${length}`;
      if (visible && length > 0 && INVISIBLE.test(value)) return 'must not be white space alone';
      if (pattern && !pattern.test(value))
        return `must be ${patternMeans ?? `like ${pattern.source}`}`;
      return undefined;
    },
  });
}

/** The scheme before a token in a header, which people paste with the token. */
const TOKEN_SCHEME = /^(?:bot|bearer|oauth)[ \t]+|^oauth:/i;
const TOKEN = /^[\x21-\x7e]+$/;

/** A pasted token without surrounding white space and without its scheme. */
export function cleanToken(text: string): string {
  return text.trim().replace(TOKEN_SCHEME, '').trim();
}

/** Whether a header can carry a text as a token: visible ASCII characters, without spaces. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** A token of a platform. Surrounding white space and a scheme such as "Bot " are removed. */
export function Token(description: string, options: TextOptions = {}): PropertyDecorator {
  const { max = 4_096, ...rest } = options;
  return declareField(
    description,
    { ...rest, private: true },
    {
      schema: { type: 'string', minLength: 1, maxLength: max },
      coerce: (value) => (typeof value === 'string' ? cleanToken(value) : value),
      findFault(value) {
        if (typeof value !== 'string') return `must be text, not ${nameType(value)}`;
        if (value === '') return 'must not be empty';
        if (value.length > max)
          return `must have at most ${max} characters, and has ${value.length}`;
        return isToken(value)
          ? undefined
          : 'must be the token alone: letters, digits and signs without spaces or line breaks';
      },
    },
  );
}

/** An identifier of a platform: always text, since a Struct's numbers are doubles. */
export function Id(description: string, options: FieldOptions = {}): PropertyDecorator {
  return Text(description, {
    ...options,
    max: 128,
    pattern: /^[A-Za-z0-9_-]+$/,
    patternMeans: 'an id made of letters, digits, "-" and "_"',
  });
}

/** An RFC 3339 time with seconds and a zone, of an existing day. */
export function Timestamp(description: string, options: FieldOptions = {}): PropertyDecorator {
  return declareField(description, options, {
    schema: {
      type: 'string',
      maxLength: 64,
      pattern:
        '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$',
    },
    coerce: keep,
    findFault: (value) =>
      typeof value === 'string' && isTimestamp(value)
        ? undefined
        : `must be an RFC 3339 time such as 2027-01-31T18:30:00Z of a day that is in the calendar, not ${nameType(value)}`,
  });
}

const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|[+-](\d\d):(\d\d))$/i;

/** Whether a text is an RFC 3339 time of an existing day. */
export function isTimestamp(text: string): boolean {
  const parts = TIMESTAMP.exec(text);
  if (!parts) return false;
  const [year, month, day, hour, minute, second, zoneHour, zoneMinute] = parts
    .slice(1)
    .map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  // Day 0 of the next month is the last one of this month.
  const lastDay = month >= 1 && month <= 12 ? new Date(Date.UTC(year, month, 0)).getUTCDate() : 0;
  const isDay = day >= 1 && day <= lastDay;
  return isDay && hour < 24 && minute < 60 && second < 60 && zoneHour < 24 && zoneMinute < 60;
}

interface AddressOptions extends FieldOptions {
  max?: number;
  /** Accepted schemes, without the colon; defaults to http and https. */
  schemes?: readonly string[];
}

/** An absolute web address in the characters that addresses may have. */
export function WebAddress(description: string, options: AddressOptions = {}): PropertyDecorator {
  const { max = 2_048, schemes = ['http', 'https'], ...rest } = options;
  const means = `an address such as https://example.com/a that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}, without spaces, quotes or backticks`;
  return declareField(description, rest, {
    schema: {
      type: 'string',
      minLength: 1,
      maxLength: max,
      pattern: `^(${schemes.join('|')})://\\S+$`,
    },
    coerce: keep,
    findFault(value) {
      if (typeof value !== 'string') return `must be text, not ${nameType(value)}`;
      const length = countText(value, 'characters');
      if (length > max) return `must have at most ${max} characters, and has ${length}`;
      return isWebAddress(value, schemes) ? undefined : `must be ${means}`;
    },
  });
}

/** Characters that RFC 3986 forbids in addresses; letters of other scripts are left to the platforms. */
// oxlint-disable-next-line no-control-regex -- controls are what must not be in an address
const NOT_IN_ADDRESS = /[\s\u0000-\u0020\u007f"<>\\^`{|}]/;

function isWebAddress(text: string, schemes: readonly string[]): boolean {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\/[^/?#]/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || !schemes.includes(scheme)) return false;
  return !NOT_IN_ADDRESS.test(text) && URL.canParse(text);
}

interface NumberOptions extends FieldOptions {
  min?: number;
  max?: number;
  /** Smallest step between two accepted values. */
  step?: number;
}

/** A whole number; decimal text such as "60" is accepted as well. */
export function Integer(description: string, options: NumberOptions = {}): PropertyDecorator {
  return declareNumber(description, options, 'integer');
}

/** A number with a fraction; decimal text such as "29.5" is accepted as well. */
export function Decimal(description: string, options: NumberOptions = {}): PropertyDecorator {
  return declareNumber(description, options, 'number');
}

function declareNumber(description: string, options: NumberOptions, type: 'integer' | 'number') {
  const { min, max, step } = options;
  const spelling = type === 'integer' ? /^-?\d{1,15}$/ : /^-?\d{1,15}(\.\d{1,6})?$/;
  const noun = type === 'integer' ? 'a whole number' : 'a number';
  return declareField(description, options, {
    schema: {
      type,
      ...(min !== undefined && { minimum: min }),
      ...(max !== undefined && { maximum: max }),
      ...(step !== undefined && { multipleOf: step }),
    },
    coerce: (value) => (typeof value === 'string' && spelling.test(value) ? Number(value) : value),
    findFault(value) {
      const whole = type === 'number' || Number.isInteger(value);
      if (typeof value !== 'number' || !Number.isFinite(value) || !whole) {
        return `must be ${noun}, not ${nameType(value)}`;
      }
      if (min !== undefined && value < min) return `must be at least ${min}, and is ${value}`;
      if (max !== undefined && value > max) return `must be at most ${max}, and is ${value}`;
      if (step !== undefined && Math.abs(value / step - Math.round(value / step)) > 1e-9) {
        return `must go in steps of ${step}, and is ${value}`;
      }
      return undefined;
    },
  });
}

/** A boolean; the texts "true" and "false" are accepted as well. */
export function Flag(description: string, options: FieldOptions = {}): PropertyDecorator {
  return declareField(description, options, {
    schema: { type: 'boolean' },
    coerce(value) {
      const text = typeof value === 'string' ? value.toLowerCase() : undefined;
      if (text === 'true') return true;
      return text === 'false' ? false : value;
    },
    findFault: (value) =>
      typeof value === 'boolean' ? undefined : `must be true or false, not ${nameType(value)}`,
  });
}

/** One of a few words; case is ignored, and the value gets the declared form. */
export function Choice(
  description: string,
  choices: readonly string[],
  { aliases, ...options }: ChoiceOptions = {},
): PropertyDecorator {
  return declareField(description, options, {
    schema: { type: 'string', enum: choices },
    coerce(value) {
      if (typeof value !== 'string') return value;
      const word = value.toLowerCase();
      return choices.find((choice) => choice.toLowerCase() === word) ?? aliases?.get(word) ?? value;
    },
    findFault(value) {
      if (typeof value === 'string' && choices.includes(value)) return undefined;
      const given = typeof value === 'string' ? `"${shorten(value)}"` : nameType(value);
      return `must be one of ${choices.join(', ')}, not ${given}`;
    },
  });
}

interface ChoiceOptions extends FieldOptions {
  /** Other spellings, in lower case, and the choice of each. */
  aliases?: ReadonlyMap<string, string>;
}

interface ListOptions extends FieldOptions {
  minItems?: number;
  maxItems?: number;
  /** Longest item, in characters. */
  maxLength?: number;
  /** The allowed items. */
  choices?: readonly string[];
  /** The pattern of an item, and its meaning, as the end of "must be …". */
  pattern?: RegExp;
  patternMeans?: string;
  /** Whether items must be unique. */
  unique?: boolean;
  /** An item of white space alone is refused. */
  visible?: boolean;
}

/** A list of texts; a single text is read as a JSON array, or else split at its commas. */
export function List(description: string, options: ListOptions = {}): PropertyDecorator {
  const { minItems = 0, maxItems = 1000, maxLength = 500, choices } = options;
  const { pattern, patternMeans, unique = false, visible = false } = options;
  return declareField(description, options, {
    schema: {
      type: 'array',
      items: choices
        ? { type: 'string', enum: choices }
        : { type: 'string', minLength: 1, maxLength, ...(pattern && { pattern: pattern.source }) },
      minItems,
      maxItems,
      ...(unique && { uniqueItems: true }),
    },
    coerce(value) {
      if (typeof value !== 'string') return value;
      const written = readJsonList(value);
      if (written) return written;
      const items = value.split(',').map((item) => item.trim());
      return items.filter((item) => item !== '');
    },
    findFault(value) {
      if (!Array.isArray(value)) return `must be a list of texts, not ${nameType(value)}`;
      if (value.length < minItems)
        return `must have at least ${minItems} items, and has ${value.length}`;
      if (value.length > maxItems)
        return `must have at most ${maxItems} items, and has ${value.length}`;
      for (const [index, item] of value.entries()) {
        if (typeof item !== 'string')
          return `item ${index + 1} must be text, not ${nameType(item)}`;
        if (choices && !choices.includes(item)) {
          return `item ${index + 1} must be one of ${choices.join(', ')}, not "${shorten(item)}"`;
        }
        const length = countText(item, 'characters');
        if (visible && length > 0 && INVISIBLE.test(item))
          return `item ${index + 1} must not be white space alone`;
        if (length === 0) return `item ${index + 1} must not be empty`;
        if (length > maxLength) {
          return `item ${index + 1} must have at most ${maxLength} characters, and has ${length}`;
        }
        if (pattern && !pattern.test(item))
          return `item ${index + 1} must be ${patternMeans ?? `like ${pattern.source}`}`;
        if (unique && value.indexOf(item) !== index)
          return `item ${index + 1} stands in the list twice`;
      }
      return undefined;
    },
  });
}

/** The list in a text that holds a JSON array; otherwise undefined. */
function readJsonList(text: string): unknown[] | undefined {
  if (!text.trimStart().startsWith('[')) return undefined;
  try {
    const read: unknown = JSON.parse(text);
    return Array.isArray(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

/** An object with any members, such as the parameters of an envelope. */
export function Values(description: string, options: FieldOptions = {}): PropertyDecorator {
  return declareField(description, options, {
    schema: { type: 'object' },
    coerce: keep,
    findFault: (value) =>
      isObject(value) ? undefined : `must be an object of named values, not ${nameType(value)}`,
  });
}

/** An object with fields of its own, such as an embed of a message. */
export function Part(
  description: string,
  type: FieldClass,
  options: FieldOptions = {},
): PropertyDecorator {
  return declareField(description, options, {
    schema: describeFields(type),
    coerce: (value) => readPart(type, value),
    findFault: (value) => findPartFault(type, value),
    inner: type,
  });
}

interface PartsOptions extends FieldOptions {
  minItems?: number;
  maxItems?: number;
}

/** A list of objects with fields of their own. */
export function Parts(
  description: string,
  type: FieldClass,
  options: PartsOptions = {},
): PropertyDecorator {
  const { minItems = 0, maxItems = 1000 } = options;
  return declareField(description, options, {
    schema: { type: 'array', items: describeFields(type), minItems, maxItems },
    coerce: (value) =>
      Array.isArray(value) ? value.map((item: unknown) => readPart(type, item)) : value,
    findFault(value) {
      if (!Array.isArray(value)) return `must be a list of objects, not ${nameType(value)}`;
      if (value.length < minItems)
        return `must have at least ${minItems} items, and has ${value.length}`;
      if (value.length > maxItems)
        return `must have at most ${maxItems} items, and has ${value.length}`;
      for (const [index, item] of value.entries()) {
        const fault = findPartFault(type, item);
        if (fault !== undefined) return `item ${index + 1}: ${fault}`;
      }
      return undefined;
    },
    inner: type,
  });
}

function readPart(type: FieldClass, value: unknown): unknown {
  const parsed = parseFields(type, value);
  return parsed.ok ? parsed.value : value;
}

function findPartFault(type: FieldClass, value: unknown): string | undefined {
  if (!isObject(value)) return `must be an object of named values, not ${nameType(value)}`;
  const parsed = parseFields(type, value);
  if (parsed.ok) return undefined;
  return parsed.violations
    .map(({ field, message }) => (field ? `${field} ${message}` : message))
    .join(', ');
}

/** Length of a text the way a platform counts it. */
export function countText(text: string, unit: TextUnit): number {
  if (unit === 'bytes') return Buffer.byteLength(text, 'utf8');
  if (unit === 'utf-16 units') return text.length;
  // A code point above U+FFFF is a pair of units, and its second half counts for nothing.
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const isSecondHalf =
      (text.charCodeAt(at) & 0xfc00) === 0xdc00 &&
      at > 0 &&
      (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
    if (!isSecondHalf) count += 1;
  }
  return count;
}

function nameType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return `the text "${shorten(value)}"`;
  if (typeof value === 'number') return `the number ${value}`;
  return typeof value === 'boolean' ? `${value}` : `a ${typeof value}`;
}

/**
 * The values that the audit log may keep: only declared fields, private ones as their length. Undeclared
 * names are not kept, since a caller may have put a secret into one.
 * @param showText formats a text that is not private
 */
export function redactFields(
  type: FieldClass,
  values: unknown,
  showText: (text: string) => string = (text) => text,
): Record<string, unknown> {
  if (!isObject(values)) return {};
  const kept: Record<string, unknown> = {};
  const fields = knowFields(type);
  const named = renameAliases(fields, values);
  for (const field of fields.values()) {
    const value = named[field.name];
    if (value === undefined || value === null) continue;
    if (field.private) kept[field.name] = describeRedacted(value);
    else kept[field.name] = cutLong(showValue(field, value, showText));
  }
  return kept;
}

function showValue({ inner }: Field, value: unknown, showText: (text: string) => string): unknown {
  if (typeof value === 'string') return showText(value);
  const showItem = (item: unknown): unknown => {
    if (inner) return redactFields(inner, item, showText);
    return typeof item === 'string' ? showText(item) : item;
  };
  return Array.isArray(value) ? value.map(showItem) : showItem(value);
}

/**
 * The texts that the audit log must not keep: those of private fields, and the part of an address after its
 * path.
 */
export function listPrivateTexts(type: FieldClass, values: unknown): readonly string[] {
  if (!isObject(values)) return [];
  const named = renameAliases(knowFields(type), values);
  return listFields(type).flatMap(({ name, inner, private: isPrivate }) => {
    const value = named[name];
    if (isPrivate) return listTexts(value);
    if (inner)
      return (Array.isArray(value) ? value : [value]).flatMap((item: unknown) =>
        listPrivateTexts(inner, item),
      );
    return listTexts(value)
      .filter((text) => URL.canParse(text) && hideAddressSecrets(text) !== text)
      .flatMap(readQuery);
  });
}

function readQuery(address: string): string[] {
  const { search, hash, username, password } = new URL(address);
  const values = [...new URLSearchParams(search).values()];
  return [search, hash, username, password, ...values].filter((text) => text !== '');
}

function describeRedacted(value: unknown): string {
  return typeof value === 'string'
    ? `[redacted, ${countText(value, 'characters')} characters]`
    : '[redacted]';
}

const LONGEST_KEPT = 4_000;

/** The most characters of a refused value in the log: such a value can be megabytes long. */
function cutLong(value: unknown): unknown {
  if (typeof value === 'string' ? value.length <= LONGEST_KEPT : typeof value !== 'object')
    return value;
  // A value that was refused for its deep nesting would overflow the stack here.
  if (isDeeperThan(MAX_DEPTH, value)) return '[nested too deep]';
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  if (text.length <= LONGEST_KEPT) return value;
  return `${text.slice(0, LONGEST_KEPT)}… [${text.length} in all]`;
}

function isDeeperThan(depth: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeperThan(depth - 1, inner));
}
