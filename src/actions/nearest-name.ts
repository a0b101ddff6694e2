import { closest, distance } from 'fastest-levenshtein';

/** The nearest known name; undefined if none is near enough to suggest. */
export function findNearestName(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || name.length > 100) return undefined;
  const asked = name.toLowerCase();
  const candidate = closest(
    asked,
    known.map((word) => word.toLowerCase()),
  );
  const tolerated = Math.max(2, Math.ceil(candidate.length / 3));
  if (distance(asked, candidate) > tolerated) return undefined;
  return known.find((word) => word.toLowerCase() === candidate);
}

/** ` Did you mean "x"?` or an empty text, to be appended to a sentence. */
export function suggestName(name: string, known: readonly string[]): string {
  const nearest = findNearestName(name, known);
  return nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
}
