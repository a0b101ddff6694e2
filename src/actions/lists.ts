import type { ActionContext, Upstream } from './upstream.js';
import { Flag, type FieldClass, Integer, Parts, Text } from './fields.js';
import { ActionFailure, refuseInput } from './failures.js';
import type { PlatformRequest } from './wire.js';

/** The most items that `all` collects in one answer. */
const MOST_ITEMS = 1_000;
/** The most requests that `all` sends: a page may hold few items. */
const MOST_PAGES = 20;

/** The parameters of every list that has pages. */
export interface PageInput {
  page_size: number;
  page_token?: string;
  all: boolean;
}

/** Which page of a list an action asks for. */
export interface PageWish {
  /** Items, at most the largest page of the platform. */
  readonly size: number;
  /** From the page before; undefined for the first page. */
  readonly token: string | undefined;
}

/** One page as the platform gave it. */
interface Page<Item> {
  readonly items: readonly Item[];
  /** Undefined or empty on the last page. */
  readonly next: string | undefined;
}

/**
 * The base class of a list's parameters.
 * @param largest items of a page, by the platform
 */
export function paged(largest: number, usual = Math.min(20, largest)): FieldClass<PageInput> {
  class Paged implements PageInput {
    @Integer('Items of a page', { min: 1, max: largest, default: usual })
    page_size!: number;

    @Text('The next_page_token of the page before; left out for the first page', {
      optional: true,
      max: 4_096,
    })
    page_token?: string;

    @Flag(
      `Collect all pages, up to ${MOST_ITEMS} items; page_size is then ignored, and next_page_token tells that there is more`,
      { default: false },
    )
    all!: boolean;
  }
  return Paged;
}

/** The result of a list that has pages. */
export interface Listed<Item extends object> {
  items: Item[];
  next_page_token?: string;
}

/**
 * The class of a list's result.
 * @param minItems of a write: an answer with fewer does not tell what became of it
 */
export function listOf<Item extends object>(
  item: FieldClass<Item>,
  minItems = 0,
): FieldClass<Listed<Item>> {
  class List implements Listed<Item> {
    @Parts('The items', item, { minItems, maxItems: 10_000 })
    items!: Item[];

    @Text('Send it as page_token to get the next page; missing on the last page', {
      optional: true,
      max: 4_096,
    })
    next_page_token?: string;
  }
  return List;
}

/**
 * The `run` of an action that reads a list: one page, or all of them.
 * @param about the request of a page and how its answer is read, both without I/O
 */
export function readPages<Input extends PageInput, Item extends object, Answer>(about: {
  readonly largest: number;
  request(input: Input, context: ActionContext, page: PageWish): PlatformRequest;
  read(answer: Answer, input: Input, context: ActionContext): Page<Item>;
}): (input: Input, context: ActionContext, upstream: Upstream) => Promise<Listed<Item>> {
  return async (input, context, upstream) => {
    const size = input.all ? about.largest : input.page_size;
    const items: Item[] = [];
    let token = input.page_token;
    for (let sent = 1; ; sent += 1) {
      const answer = await upstream.send<Answer>(about.request(input, context, { size, token }));
      const page = about.read(answer, input, context);
      items.push(...page.items);
      const next = page.next === '' ? undefined : page.next;
      const hasEnded = !input.all || next === undefined;
      // A platform that gives the same page again and again must not keep the action for ever.
      if (hasEnded || next === token || sent === MOST_PAGES || items.length + size > MOST_ITEMS)
        return { items, ...(next !== undefined && next !== token && { next_page_token: next }) };
      token = next;
    }
  };
}

/** What a name may stand for. */
export interface Candidate {
  readonly id: string;
  /** Tells candidates of the same name apart, such as the category of a channel. */
  readonly label: string;
}

/**
 * The one id behind a name.
 * @throws ActionFailure INVALID_INPUT that names the field: for nothing, or for several with the candidates
 */
export function requireOne(
  field: string,
  name: string,
  what: string,
  candidates: readonly Candidate[],
): string {
  const [found, ...others] = candidates;
  if (found && others.length === 0) return found.id;
  const shown = candidates.slice(0, 10).map(({ id, label }) => `${id} (${label})`);
  const message = found
    ? `is ambiguous: ${candidates.length} of them are called "${name}"; send the id of one: ${shown.join(', ')}`
    : `names no ${what}: "${name}" was not found`;
  throw refuseInput([{ field: `parameters.${field}`, message }]);
}

/** The failure of a read that asked for one thing, by its id, and found nothing. */
export function notFound(what: string, id: string): ActionFailure {
  return new ActionFailure('NOT_FOUND', `There is no ${what} ${id}`);
}
