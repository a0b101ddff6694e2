/** How the length of a text is counted; platforms differ. */
export type TextUnit = 'characters' | 'utf-16 units' | 'bytes';

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

/** A name from a caller, cut so that an error fits on one line. */
export function shorten(text: string): string {
  const clean = text.toWellFormed().replaceAll('\u0000', '\uFFFD');
  return clean.length > 64 ? `${clean.slice(0, 64)}…` : clean;
}

/** What a wrong value is, for an error. */
export function nameType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return `the text "${shorten(value)}"`;
  if (typeof value === 'number') return `the number ${value}`;
  return typeof value === 'boolean' ? `${value}` : `a ${typeof value}`;
}

/**
 * The pattern for a JSON Schema; none for one that other languages cannot read, such as with \p{L}. The
 * check itself uses the pattern in any case.
 */
export function describePattern(pattern: RegExp | undefined): { readonly pattern?: string } {
  return pattern === undefined || /\\p\{/i.test(pattern.source) ? {} : { pattern: pattern.source };
}
