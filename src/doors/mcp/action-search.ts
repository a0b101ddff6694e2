import type { CataloguedAction } from '../../execution/catalogue.js';

/** How much it counts where a word is found. */
const NAME = 4;
const GROUP = 2;
const SUMMARY = 1;

/**
 * The actions that fit words, the best first: those with more of the words, then those that have them in their
 * names. Without words all of them, in the order of the catalogue.
 */
export function searchActions(
  all: readonly CataloguedAction[],
  query: string,
): readonly CataloguedAction[] {
  const words = splitWords(query);
  if (words.length === 0) return all;
  return all
    .map((found) => ({ found, ...score(found, words) }))
    .filter(({ hits }) => hits > 0)
    .toSorted((a, b) => b.hits - a.hits || b.points - a.points)
    .map(({ found }) => found);
}

function score(
  { platform, action }: CataloguedAction,
  words: readonly string[],
): { readonly hits: number; readonly points: number } {
  const name = new Set([platform.name, ...splitWords(action.type)]);
  const group = new Set(splitWords(action.group));
  const summary = new Set(splitWords(action.summary));
  const points = words.map(
    (word) =>
      (name.has(word) ? NAME : 0) +
      (group.has(word) ? GROUP : 0) +
      (summary.has(word) ? SUMMARY : 0),
  );
  return {
    hits: points.filter((point) => point > 0).length,
    points: points.reduce((sum, point) => sum + point, 0),
  };
}

/** Words in small letters, without the ending of a plural. */
function splitWords(text: string): readonly string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map((word) => (word.length > 3 ? word.replace(/s$/, '') : word));
}
