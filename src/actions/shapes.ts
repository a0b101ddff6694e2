import { countText, declareField, type FieldOptions, isTimestamp } from './fields.js';
import { isObject, type JsonSchema } from './json.js';

/**
 * The form of a nested value, as a part of JSON Schema: `type`, `enum`, bounds, `pattern`, `format: date-time`,
 * `items`, `properties` with `required`, and `anyOf`. Of several object forms the member `type` tells which one
 * is meant.
 */
export type ShapeSchema = JsonSchema;

interface Bounds {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly pattern?: string;
  readonly format?: string;
  readonly items?: ShapeSchema;
  readonly anyOf?: readonly ShapeSchema[];
  readonly properties?: Readonly<Record<string, ShapeSchema>>;
  readonly required?: readonly string[];
}

/** A text. */
export function text(minLength: number, maxLength: number, pattern?: string): ShapeSchema {
  return { type: 'string', minLength, maxLength, ...(pattern !== undefined && { pattern }) };
}

/** A whole number. */
export function whole(minimum: number, maximum: number): ShapeSchema {
  return { type: 'integer', minimum, maximum };
}

/** One of a few whole numbers. */
export function oneOf(...choices: readonly number[]): ShapeSchema {
  return { type: 'integer', enum: choices };
}

/** One of a few words. */
export function word(...choices: readonly string[]): ShapeSchema {
  return { type: 'string', enum: choices };
}

export const flag: ShapeSchema = { type: 'boolean' };

/** A time as RFC 3339 has it. */
export const moment: ShapeSchema = {
  type: 'string',
  maxLength: 64,
  pattern:
    '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$',
  format: 'date-time',
};

/** A list of values of one form. */
export function list(
  items: ShapeSchema,
  minItems: number,
  maxItems: number,
  uniqueItems = false,
): ShapeSchema {
  return { type: 'array', items, minItems, maxItems, ...(uniqueItems && { uniqueItems }) };
}

/** One of several forms. */
export function anyOf(...forms: readonly ShapeSchema[]): ShapeSchema {
  return { anyOf: forms };
}

/** An object without other members. A name that begins with "?" may be left out. */
export function object(members: Readonly<Record<string, ShapeSchema>>): ShapeSchema {
  const names = Object.entries(members);
  return {
    type: 'object',
    properties: Object.fromEntries(names.map(([name, form]) => [name.replace(/^\?/, ''), form])),
    required: names.map(([name]) => name).filter((name) => !name.startsWith('?')),
    additionalProperties: false,
  };
}

/** A nested value of a declared form, such as the components of a message. */
export function Shape(
  description: string,
  schema: ShapeSchema,
  options: FieldOptions = {},
): PropertyDecorator {
  return declareField(description, options, {
    schema,
    coerce: (value) => value,
    findFault: (value) => findShapeFault(schema, value),
  });
}

/**
 * One of a few numbers that have names; both are taken, and the value becomes the number.
 * @param choices the number of each name, in lower case
 */
export function Kind(
  description: string,
  choices: Readonly<Record<string, number>>,
  options: FieldOptions = {},
): PropertyDecorator {
  const names = Object.keys(choices);
  const numbers = [...new Set(Object.values(choices))];
  return declareField(description, options, {
    schema: { anyOf: [word(...names), oneOf(...numbers)] },
    coerce: (value) =>
      typeof value === 'string' ? (choices[value.toLowerCase()] ?? value) : value,
    findFault: (value) =>
      numbers.includes(value as number) ? undefined : `must be one of ${names.join(', ')}`,
  });
}

/** The first fault of a value, with the place of the value in it; undefined if there is none. */
export function findShapeFault(schema: ShapeSchema, value: unknown): string | undefined {
  const fault = findAt(schema, value, '');
  if (fault === undefined) return undefined;
  return fault.place === '' ? fault.says : `${fault.place} ${fault.says}`;
}

interface Fault {
  readonly place: string;
  readonly says: string;
}

function findAt(schema: ShapeSchema, value: unknown, place: string): Fault | undefined {
  const bounds: Bounds = schema;
  if (bounds.anyOf) return findInForms(bounds.anyOf, value, place);
  const fault = (says: string): Fault => ({ place, says });
  if (bounds.enum)
    return bounds.enum.includes(value)
      ? undefined
      : fault(`must be one of ${bounds.enum.map(String).join(', ')}`);
  switch (bounds.type) {
    case 'string':
      return wrap(findTextFault(bounds, value), fault);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : fault('must be true or false');
    case 'array':
      return findInList(bounds, value, place);
    case 'object':
      return findInObject(bounds, value, place);
    default:
      return wrap(findNumberFault(bounds, value), fault);
  }
}

function wrap(says: string | undefined, fault: (says: string) => Fault): Fault | undefined {
  return says === undefined ? undefined : fault(says);
}

/** The member `type` of a value chooses its form; without it, any form will do. */
function findInForms(
  forms: readonly ShapeSchema[],
  value: unknown,
  place: string,
): Fault | undefined {
  if (isObject(value)) {
    const kinds = forms.map((form) => (form as Bounds).properties?.['type']);
    if (kinds.every((kind) => kind !== undefined)) {
      const at = kinds.findIndex((kind) => findAt(kind, value['type'], '') === undefined);
      const form = forms[at];
      if (form) return findAt(form, value, place);
      const known = kinds.flatMap((kind) => (kind as Bounds).enum ?? []).map(String);
      return { place: join(place, 'type'), says: `must be one of ${known.join(', ')}` };
    }
  }
  const faults = forms.map((form) => findAt(form, value, place));
  return faults.includes(undefined) ? undefined : faults[0];
}

function findTextFault(bounds: Bounds, value: unknown): string | undefined {
  const { minLength = 0, maxLength = Infinity, pattern, format } = bounds;
  if (typeof value !== 'string') return 'must be text';
  const length = countText(value, 'characters');
  if (length < minLength) return `must have at least ${minLength} characters`;
  if (length > maxLength) return `must have at most ${maxLength} characters, and has ${length}`;
  if (format === 'date-time' && !isTimestamp(value))
    return 'must be an RFC 3339 time such as 2027-01-31T18:30:00Z';
  return pattern !== undefined && !new RegExp(pattern, 'u').test(value)
    ? `must be like ${pattern}`
    : undefined;
}

function findNumberFault(bounds: Bounds, value: unknown): string | undefined {
  const { type, minimum = -Infinity, maximum = Infinity } = bounds;
  const isRight = type === 'integer' ? Number.isInteger(value) : Number.isFinite(value);
  if (!isRight) return type === 'integer' ? 'must be a whole number' : 'must be a number';
  const number = value as number;
  if (number < minimum) return `must be at least ${minimum}, and is ${number}`;
  return number > maximum ? `must be at most ${maximum}, and is ${number}` : undefined;
}

function findInList(bounds: Bounds, value: unknown, place: string): Fault | undefined {
  const { items = {}, minItems = 0, maxItems = Infinity, uniqueItems = false } = bounds;
  if (!Array.isArray(value)) return { place, says: 'must be a list' };
  const { length } = value;
  if (length < minItems)
    return { place, says: `must have at least ${minItems} items, and has ${length}` };
  if (length > maxItems)
    return { place, says: `must have at most ${maxItems} items, and has ${length}` };
  for (const [index, item] of value.entries()) {
    const fault = findAt(items, item, `${place}[${index}]`);
    if (fault) return fault;
  }
  const known = new Set(value.map((item) => JSON.stringify(item)));
  return uniqueItems && known.size < length
    ? { place, says: 'must not hold anything twice' }
    : undefined;
}

function findInObject(bounds: Bounds, value: unknown, place: string): Fault | undefined {
  const { properties = {}, required = [] } = bounds;
  if (!isObject(value)) return { place, says: 'must be an object of named values' };
  const missing = required.find((name) => value[name] === undefined);
  if (missing !== undefined) return { place: join(place, missing), says: 'is missing' };
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const form = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (!form)
      return {
        place: join(place, name.slice(0, 64)),
        says: `is not known here. Known: ${Object.keys(properties).join(', ')}`,
      };
    const fault = findAt(form, member, join(place, name));
    if (fault) return fault;
  }
  return undefined;
}

function join(place: string, name: string): string {
  return place === '' ? name : `${place}.${name}`;
}
