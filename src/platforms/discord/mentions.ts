import { Flag, List } from '../../actions/fields.js';
import type { FieldViolation } from '../../actions/failures.js';
import type { JsonObject } from '../../actions/json.js';

/**
 * Who is notified by what a text mentions.
 * @see https://discord.com/developers/docs/resources/message#allowed-mentions-object
 */
export class AllowedMentions {
  @List('Kinds of mentions that notify', { default: [], choices: ['users', 'roles', 'everyone'] })
  parse!: string[];

  @List('Ids of the users that may be notified', { optional: true, maxItems: 100, maxLength: 20 })
  users?: string[];

  @List('Ids of the roles that may be notified', { optional: true, maxItems: 100, maxLength: 20 })
  roles?: string[];

  @Flag('Notify whom the message replies to', { optional: true })
  replied_user?: boolean;
}

/** Discord refuses a kind that is allowed as a whole and by ids. */
export function findMentionFaults(mentions: AllowedMentions | undefined): FieldViolation[] {
  return (['users', 'roles'] as const).flatMap((kind) =>
    mentions?.parse.includes(kind) && mentions[kind] !== undefined
      ? [{ field: 'allowed_mentions', message: `give ${kind} either in parse or as ids` }]
      : [],
  );
}

/** Nobody is notified unless the caller says whom: texts come from people. */
export function writeMentions(mentions: AllowedMentions | undefined): JsonObject {
  return mentions ? (JSON.parse(JSON.stringify(mentions)) as JsonObject) : { parse: [] };
}
