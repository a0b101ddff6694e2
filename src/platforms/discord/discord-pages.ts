import type { PageInput, PageWish } from '../../actions/lists.js';

/** A page of Discord's: its token is the id of the last thing on the page before. */
export function askAfter({ size, token }: PageWish): { limit: number; after: string | undefined } {
  return { limit: size, after: token };
}

/** The same for lists that go back in time. */
export function askBefore({ size, token }: PageWish): {
  limit: number;
  before: string | undefined;
} {
  return { limit: size, before: token };
}

/**
 * The token of the next page; undefined where the page was not full.
 * @param largest items of a page, by the endpoint
 */
export function findNext(
  { all, page_size }: PageInput,
  largest: number,
  ids: readonly string[],
): string | undefined {
  return ids.length < (all ? largest : page_size) ? undefined : ids.at(-1);
}
