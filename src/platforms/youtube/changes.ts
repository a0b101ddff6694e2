import type { Upstream } from '../../actions/action.js';
import { ActionFailure } from '../../actions/failures.js';
import { askYouTube, readId, readItems, type YouTubeCall } from './youtube-request.js';

interface Thing {
  readonly id?: string | null;
}

interface List<Item> {
  readonly kind?: string | null;
  readonly items?: Item[];
}

/** A change of a thing: an update replaces its parts, so they are read first and sent back merged. */
export interface ThingChange<Item extends Thing> {
  /** What it is called in errors, such as `playlist`. */
  readonly what: string;
  readonly id: string;
  readonly read: YouTubeCall<List<Item>>;
  /** What a dry run reads. */
  readonly placeholder: Omit<Item, 'id'>;
  /** The update, made of what the thing has now. */
  readonly write: (now: Item) => YouTubeCall<Item>;
}

/**
 * Reads a thing, and writes it with its changes.
 * @throws ActionFailure NOT_FOUND if there is none with this id
 */
export async function changeThing<Item extends Thing>(
  upstream: Upstream,
  { what, id, read, placeholder, write }: ThingChange<Item>,
): Promise<Item> {
  const standIn = { items: [{ id, ...placeholder }] } as unknown as List<Item>;
  const [found] = readItems<Item>(await askYouTube<List<Item>>(upstream, read, standIn));
  if (!found) throw new ActionFailure('NOT_FOUND', `YouTube knows no ${what} ${id}`);
  // Without what it has now, the update would take the rest of it away.
  const missing = Object.keys(placeholder).find(
    (part) => (found as Readonly<Record<string, unknown>>)[part] === undefined,
  );
  if (missing !== undefined)
    throw new ActionFailure('PLATFORM_DOWN', `YouTube does not tell the ${missing} of ${id}`);
  const changed = await askYouTube(upstream, write(found));
  requireSame(changed, id);
  return changed;
}

/** @throws TypeError when an answer is about another thing, and so tells nothing of the change */
export function requireSame(answer: Thing, id: string): void {
  if (readId(answer) !== id) throw new TypeError('The answer is about another thing');
}
