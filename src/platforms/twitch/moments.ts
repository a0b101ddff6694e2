/**
 * A moment in an answer of Helix: Unix seconds by the contract, RFC 3339 by the text of the reference, and 0 or
 * empty for none. @returns RFC 3339; undefined for none
 */
export function readMoment(value: unknown): string | undefined {
  if (typeof value === 'number')
    return value > 0 ? new Date(value * 1_000).toISOString() : undefined;
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
