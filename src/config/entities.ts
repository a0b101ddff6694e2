import { isObject } from '../actions/json.js';

/** The channel on each platform that an entity stands for; of Discord the channel, of others the account. */
export type Places = Readonly<Record<string, string>>;

const EXAMPLE = '{"42":{"twitch":"1001","discord":"700000000000000001"}}';

/** Reads PREDECESSOR_ENTITIES. @param faults gets a sentence for everything that is wrong */
export function readEntities(
  text: string | undefined,
  declarations: readonly { readonly name: string }[],
  faults: string[],
): ReadonlyMap<string, Places> {
  if (text === undefined) return new Map();
  const platforms = declarations.map(({ name }) => name);
  const complain = (what: string): unknown => faults.push(`PREDECESSOR_ENTITIES ${what}`);
  let entities: unknown;
  try {
    entities = JSON.parse(text);
  } catch (error) {
    complain(`is no valid JSON (${(error as Error).message}): write it as ${EXAMPLE}`);
    return new Map();
  }
  if (!isObject(entities)) {
    complain(`must be an object: write it as ${EXAMPLE}`);
    return new Map();
  }
  const read = Object.entries(entities).flatMap(([entity, places]) => {
    if (!isObject(places)) {
      complain(`"${entity}" must be an object of channels by platform: write it as ${EXAMPLE}`);
      return [];
    }
    for (const [platform, channel] of Object.entries(places)) {
      if (!platforms.includes(platform))
        complain(`"${entity}" names the platform "${platform}": known are ${platforms.join(', ')}`);
      if (typeof channel !== 'string' || channel === '')
        complain(`"${entity}": the channel of ${platform} must be a text in quotes`);
    }
    return [[entity, places as Places] as const];
  });
  return new Map(read);
}
