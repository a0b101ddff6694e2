import type { ActionContext, Upstream } from './upstream.js';
import { type Field, type FieldClass, type FindId, listFields } from './field.js';

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
