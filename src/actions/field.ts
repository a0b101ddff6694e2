import 'reflect-metadata';
import { ValidateBy } from '../vendor/class-validator.js';
import type { JsonSchema } from './json.js';
import { listTexts, redactPrivate } from './redaction.js';
import type { ActionContext, Upstream } from './upstream.js';

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
export type FindId = (
  text: string,
  about: { readonly field: string; readonly input: object; readonly context: ActionContext },
  upstream: Upstream,
) => Promise<string> | undefined;

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

/** The same by name. */
export function knowFields(type: FieldClass): ReadonlyMap<string, Field> {
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
