import { Validator } from '../vendor/class-validator.js';
import type { FieldViolation } from './failures.js';
import { type Field, type FieldClass, knowFields } from './field.js';
import { listAliases, renameAliases } from './field-aliases.js';
import { isObject } from './json.js';
import { suggestName } from './nearest-name.js';
import { shorten } from './text-length.js';

/** Result of reading untrusted values into a decorated class. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly violations: readonly FieldViolation[] };

const validator = new Validator();

/** Values may be nested so deep. */
export const MAX_DEPTH = 32;
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
