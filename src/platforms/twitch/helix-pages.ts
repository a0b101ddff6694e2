import { isObject } from '../../actions/json.js';
import type { PageWish } from '../../actions/lists.js';
import { readList } from './twitch-action.js';

/** The parameters of a page. @see https://dev.twitch.tv/docs/api/guide/#pagination */
export function askPage({ size, token }: PageWish): {
  readonly first: number;
  readonly after?: string;
} {
  return { first: size, ...(token !== undefined && { after: token }) };
}

/** The things of a page, and the token of the next one. @throws ActionFailure PLATFORM_DOWN without a list */
export function readPage<Item, Shown extends object>(answer: unknown, show: (item: Item) => Shown) {
  const items = readList<Item>(answer).map(show);
  const pagination = isObject(answer) ? answer['pagination'] : undefined;
  const cursor = isObject(pagination) ? pagination['cursor'] : undefined;
  return { items, next: typeof cursor === 'string' ? cursor : undefined };
}
