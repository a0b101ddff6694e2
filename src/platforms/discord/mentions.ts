import { Flag, List } from '../../actions/fields.js';
import type { FieldViolation } from '../../actions/failures.js';
import { isSnowflake } from './discord-action.js';
import type { JsonObject } from '../../actions/json.js';

/** Options of a list of ids of Discord. */
export const IDS = {
  maxLength: 20,
  unique: true,
  pattern: /^[1-9][0-9]{0,19}$/,
  patternMeans: 'an id of Discord, which is made of digits and has no leading zeros',
} as const;

/**
 * Who is notified by what a text mentions.
 * @see https://discord.com/developers/docs/resources/message#allowed-mentions-object
 */
export class AllowedMentions {
  @List('Kinds of mentions that notify', {
    default: [],
    unique: true,
    choices: ['users', 'roles', 'everyone'],
  })
  parse!: string[];

  @List('Ids of the users that may be notified', { ...IDS, optional: true, maxItems: 100 })
  users?: string[];

  @List('Ids of the roles that may be notified', { ...IDS, optional: true, maxItems: 100 })
  roles?: string[];

  @Flag('Notify whom the message replies to', { optional: true })
  replied_user?: boolean;
}

/** Discord refuses a kind that is allowed as a whole and by ids. */
export function findMentionFaults(mentions: AllowedMentions | undefined): FieldViolation[] {
  const wrongIds = (['users', 'roles'] as const).flatMap((kind) =>
    (mentions?.[kind] ?? []).some((id) => !isSnowflake(id))
      ? [{ field: 'allowed_mentions', message: `${kind} must hold ids of Discord alone` }]
      : [],
  );
  const asBoth = (['users', 'roles'] as const).flatMap((kind) =>
    mentions?.parse.includes(kind) && mentions[kind] !== undefined
      ? [{ field: 'allowed_mentions', message: `give ${kind} either in parse or as ids` }]
      : [],
  );
  return [...wrongIds, ...asBoth];
}

/** Mentions notify no one unless the caller lists whom, because texts come from people. */
export function writeMentions(mentions: AllowedMentions | undefined): JsonObject {
  return mentions ? (JSON.parse(JSON.stringify(mentions)) as JsonObject) : { parse: [] };
}
