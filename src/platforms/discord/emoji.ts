import { declareField, type FieldOptions } from '../../actions/fields.js';

/** `name:id`, or as it stands in a text: `<:name:id>`, `<a:name:id>`. */
const CUSTOM = /^(?:<a?:)?(\w{2,32}:\d{1,20})>?$/;
const UNICODE =
  /^(?=.*[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3])[\p{Emoji}\p{Emoji_Component}]+$/u;
const LONGEST = 64;

/** The emoji of a reaction. */
export function ReactionEmoji(options: FieldOptions = {}): PropertyDecorator {
  return declareField("An emoji, or name:id of one of the server's own", options, {
    schema: { type: 'string', minLength: 1, maxLength: LONGEST },
    coerce: (value) => value,
    findFault: (value) =>
      typeof value === 'string' &&
      value.length <= LONGEST &&
      (CUSTOM.test(value) || UNICODE.test(value))
        ? undefined
        : 'must be an emoji such as 👍, or name:id of a custom one',
  });
}

/** An emoji as it stands in a path. */
export function nameEmoji(emoji: string): string {
  return CUSTOM.exec(emoji)?.[1] ?? emoji;
}
