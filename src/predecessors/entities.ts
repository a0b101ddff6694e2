import type { Places } from '../config/entities.js';
import { refuse } from '../actions/door-refusal.js';
import { type EarlierRequest, PREDECESSOR_NAMES, type PredecessorName } from './predecessor.js';

/** What the entities of routers, workflows and hubs stand for. */
export type Entities = ReadonlyMap<string, Places>;

const PREFIX = /^(twitch|youtube|discord)[:/]/i;

/**
 * The platform that a request is about: the first that a hint names, or the one of the entity, or the one
 * that was addressed.
 * @throws DoorRefusal when none of them names a platform
 */
export function findPlatform(
  hints: readonly unknown[],
  addressed: PredecessorName | undefined,
  asked: EarlierRequest,
  entities: Entities,
): PredecessorName {
  for (const hint of hints) {
    const found = readPlatform(hint);
    if (found) return found;
  }
  const { platform: named } = asked;
  if (typeof named === 'string' && named !== '' && !readPlatform(named))
    throw refuse.malformed(
      `platform is "${named.slice(0, 32)}", which is not served here: name twitch, youtube or discord`,
    );
  if (addressed) return addressed;
  const places = findPlaces(asked, entities);
  const [only, ...others] = PREDECESSOR_NAMES.filter((name) => places?.[name] !== undefined);
  if (only && others.length === 0) return only;
  throw refuse.malformed('platform is missing: name twitch, youtube or discord');
}

/** The platform that a text begins with; undefined for none. */
export function readPlatform(hint: unknown): PredecessorName | undefined {
  if (typeof hint !== 'string') return undefined;
  return PREDECESSOR_NAMES.find((name) => new RegExp(`^${name}([_:/-]|$)`, 'i').test(hint));
}

/**
 * The channel of a platform that a request is about: what its entity or community stands for, or the entity
 * itself. Undefined where it names none.
 */
export function findChannel(
  asked: EarlierRequest,
  platform: PredecessorName,
  entities: Entities,
): string | undefined {
  const known = findPlaces(asked, entities)?.[platform];
  if (known !== undefined) return known;
  const [entity] = listNames(asked['entity_id']);
  return entity?.replace(PREFIX, '');
}

function findPlaces(
  { entity_id, community_id }: EarlierRequest,
  entities: Entities,
): Places | undefined {
  for (const name of [...listNames(entity_id), ...listNames(community_id)]) {
    const places = entities.get(name) ?? entities.get(name.replace(PREFIX, ''));
    if (places) return places;
  }
  return undefined;
}

/** A name, which may be a number. */
function listNames(value: unknown): readonly string[] {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return [String(value)];
  return typeof value === 'string' && value !== '' ? [value] : [];
}
