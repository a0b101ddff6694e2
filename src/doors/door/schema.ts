import { describeFields, type FieldClass } from '../../actions/fields.js';
import type { JsonObject, JsonSchema } from '../../actions/json.js';
import type { DocumentedAction } from '../contracts/documented-action.js';

declare const VALUE: unique symbol;

/** A JSON Schema (draft 2020-12) of values of a type. */
export type Schema<Value = unknown> = JsonObject & { readonly [VALUE]?: Value };

/** One schema for each member of a type: a member that is added and not described does not compile. */
export type Members<Value> = Readonly<Record<keyof Value, JsonObject>>;

/** How the document describes envelopes in the form of a dialect. */
export interface EnvelopeFormContract {
  /** Of the example. */
  readonly name: string;
  readonly summary: string;
  /** How a body of this form is recognised and answered. */
  readonly note: string;
  readonly request: Schema;
  readonly answer: Schema;
  readonly example: JsonObject;
}

/** What the parts of the document that are not fixed are made of. */
export interface Documented {
  readonly actions: readonly DocumentedAction[];
  readonly forms: readonly EnvelopeFormContract[];
  /** Groups of operations that answer in the form of a dialect. */
  readonly dialectTags: ReadonlySet<string>;
}

/** A schema, or how to make it of what is documented. */
type SchemaSource = JsonObject | ((documented: Documented) => JsonObject);

const sources = new Map<string, SchemaSource>();
const descriptions = new WeakMap<FieldClass, string>();

export const TEXT = { type: 'string' } as const;
export const WHOLE = { type: 'integer' } as const;
export const YES_NO = { type: 'boolean' } as const;
/** RFC 3339. */
export const TIME = { type: 'string', format: 'date-time' } as const;
/** The same, or null. */
export const MOMENT = { type: ['string', 'null'], format: 'date-time' } as const;
export const FREE = { type: 'object' } as const;
export const TEXTS = { type: 'array', items: TEXT } as const;
export const UUID_TEXT = { type: 'string', format: 'uuid' } as const;

/**
 * Names a schema for the document.
 * @returns the reference by which others use it
 * @throws Error for a name that is taken
 */
export function defineSchema<Value = unknown>(name: string, source: SchemaSource): Schema<Value> {
  if (sources.has(name)) throw new Error(`The schema ${name} is defined twice`);
  sources.set(name, source);
  return { $ref: `#/components/schemas/${name}` };
}

/** Names the schema of a type by its members. @param optional members that may be left out */
export function defineObject<Value>(
  name: string,
  members: Members<Value>,
  optional: readonly (keyof Value)[] = [],
  description?: string,
): Schema<Value> {
  return defineSchema<Value>(name, describeMembers(members, optional, description));
}

/** The schema of an object with one list in it. */
export function describeList<Value>(name: string, item: Schema): Schema<Value> {
  return {
    type: 'object',
    required: [name],
    properties: { [name]: { type: 'array', items: item } },
  };
}

/** The schema of a type by its members. @param optional members that may be left out */
export function describeMembers<Value>(
  members: Members<Value>,
  optional: readonly (keyof Value)[] = [],
  description?: string,
): JsonObject {
  return {
    type: 'object',
    ...(description && { description }),
    required: Object.keys(members).filter((name) => !optional.includes(name as keyof Value)),
    properties: members,
  };
}

/** Says what a class of fields is; the document has it under the name of the class. */
export function Described(description: string): (type: FieldClass) => void {
  return (type) => {
    descriptions.set(type, description);
    defineSchema(type.name, {
      description,
      ...toJson(allowNull(describeFields(type))),
    });
  };
}

/** The schema of a class of fields: a reference where it is described, or else the schema itself. */
export function schemaOf(type: FieldClass): JsonObject {
  return descriptions.has(type)
    ? { $ref: `#/components/schemas/${type.name}` }
    : toJson(allowNull(describeFields(type)));
}

/** Values of the catalogue as plain JSON, undefined members left out. */
export function toJson(values: object): JsonObject {
  return JSON.parse(JSON.stringify(values)) as JsonObject;
}

/** The same fields, of which those that may be left out may be null as well: it means the same. */
export function allowNull(schema: JsonSchema): JsonSchema {
  const { properties = {}, required = [] } = schema as {
    properties?: Readonly<Record<string, JsonObject>>;
    required?: readonly string[];
  };
  const shown = Object.entries(properties).map(([name, field]): [string, JsonObject] => {
    const inner = field['properties'] ? (allowNull(field) as JsonObject) : field;
    const { type, enum: choices } = inner as { type?: string; enum?: readonly string[] };
    if (required.includes(name) || typeof type !== 'string') return [name, inner];
    return [name, { ...inner, type: [type, 'null'], ...(choices && { enum: [...choices, null] }) }];
  });
  return { ...schema, properties: Object.fromEntries(shown) };
}

const REFERENCE = /"#\/components\/schemas\/([^"]+)"/g;

/**
 * Every named schema that a document refers to, by name, and those that these refer to.
 * @param known schemas that are defined elsewhere
 * @throws Error for a reference to a schema that is not defined
 */
export function collectSchemas(
  document: JsonObject,
  documented: Documented,
  known: Readonly<Record<string, JsonObject>>,
): JsonObject {
  const found = new Map<string, JsonObject>(Object.entries(known));
  const look = (value: object): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(REFERENCE)) {
      if (found.has(name)) continue;
      const source = sources.get(name);
      if (source === undefined) throw new Error(`No schema ${name} is defined`);
      const schema = typeof source === 'function' ? source(documented) : source;
      found.set(name, schema);
      look(schema);
    }
  };
  look(document);
  for (const schema of Object.values(known)) look(schema);
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
