import type { FieldViolation } from './failures.js';

/** The fault of an input that changes nothing: every field of it is left out. */
export function requireChange(changes: object): FieldViolation[] {
  if (Object.values(changes).some((value) => value !== undefined)) return [];
  return [{ field: '', message: 'must change something: send at least one field more' }];
}
