import type { FieldViolation } from '../../actions/failures.js';
import { Flag } from '../../actions/fields.js';
import type { JsonObject } from '../../actions/json.js';
import { type Embed, findEmbedFaults, writeEmbed } from './embeds.js';
import { Snowflake } from './discord-action.js';
import { type AllowedMentions, findMentionFaults, writeMentions } from './mentions.js';
import { findFileFaults, type MessageFile } from './files.js';
import { MESSAGE_COMPONENTS } from './shapes/components.js';
import { POLL } from './shapes/polls.js';
import { Shape } from '../../actions/shapes.js';

/** Characters of a text; the API's schema names 4,000, its documentation 2,000. */
export const LONGEST_CONTENT = 2_000;
export const MOST_EMBEDS = 10;

/** What a message may be made of. */
interface Content {
  readonly content?: string;
  readonly embed?: Embed;
  readonly embeds?: readonly Embed[];
  readonly files?: readonly MessageFile[];
  readonly allowed_mentions?: AllowedMentions;
  readonly components?: readonly JsonObject[];
  readonly components_v2?: boolean;
  readonly poll?: JsonObject;
  readonly sticker_ids?: readonly string[];
  readonly suppress_embeds?: boolean;
  readonly silent?: boolean;
  readonly ephemeral?: boolean;
}

/** @see https://discord.com/developers/docs/resources/message#message-object-message-flags */
const FLAGS = {
  suppress_embeds: 1 << 2,
  ephemeral: 1 << 6,
  silent: 1 << 12,
  components_v2: 1 << 15,
} as const;
const ACTION_ROW = 1;
const MOST_ROWS = 5;

/** Parts of a new message beside its text, its embeds and its files. */
export class MessageExtras {
  @Shape(
    'Components: rows of buttons and menus, or with components_v2 the message itself',
    MESSAGE_COMPONENTS,
    {
      optional: true,
      private: true,
    },
  )
  components?: JsonObject[];

  @Flag('The components are of the second kind, and stand for content, embeds and polls', {
    optional: true,
  })
  components_v2?: boolean;

  @Shape('A poll', POLL, { optional: true, private: true })
  poll?: JsonObject;

  @Flag('Show no preview of addresses', { optional: true })
  suppress_embeds?: boolean;

  @Flag('Notify nobody', { optional: true })
  silent?: boolean;

  @Flag('Read it aloud', { optional: true })
  tts?: boolean;
}

export class SentMessage {
  @Snowflake('Id of the message, for replies, reactions and changes')
  message_id!: string;

  @Flag('The message is sent')
  message_sent!: boolean;
}

/** A message in Discord's answers, as far as we read it. */
export interface DiscordMessage {
  readonly id: string;
}

/** Faults of what a message is made of. */
export function findContentFaults(input: Content): FieldViolation[] {
  const { content, embed, embeds, files, components, poll, sticker_ids } = input;
  const isEmpty =
    content === undefined &&
    !embed &&
    !poll &&
    [embeds, files, components, sticker_ids].every((list) => !list?.length);
  return [
    ...(isEmpty
      ? [
          {
            field: 'content',
            message:
              'is missing: a message needs content, an embed, a file, components, a poll or a sticker',
          },
        ]
      : []),
    ...findPartFaults(input),
  ];
}

/** Faults of a change: what is empty takes away, and what is left out stays as it is. */
export function findEditFaults(input: Content): FieldViolation[] {
  const { content, embed, embeds, allowed_mentions, components, files, suppress_embeds } = input;
  const some = files?.length ? files : undefined;
  const parts = [content, embed, embeds, allowed_mentions, components, some, suppress_embeds];
  const changesNothing = parts.every((part) => part === undefined);
  return [
    ...(changesNothing
      ? [{ field: 'content', message: 'is missing: give the new content, embed or embeds' }]
      : []),
    ...findPartFaults(input),
  ];
}

function findPartFaults(input: Content): FieldViolation[] {
  const { embed, embeds, files, allowed_mentions } = input;
  return [
    ...findComponentFaults(input),
    ...(embed && embeds ? [{ field: 'embed', message: 'give either embed or embeds' }] : []),
    ...(embed ? findEmbedFaults([embed], 'embed') : []),
    ...(embeds ? findEmbedFaults(embeds, 'embeds') : []),
    ...findFileFaults(files),
    ...findMentionFaults(allowed_mentions),
  ];
}

/** Components of the second kind stand alone; those of the first come in rows, at most five. */
function findComponentFaults(input: Content): FieldViolation[] {
  const { components, components_v2 = false, content, embed, embeds, poll, sticker_ids } = input;
  if (components_v2) {
    const others = { content, embed, embeds, poll, sticker_ids };
    const given = Object.entries(others).find(([, value]) => value !== undefined);
    if (given) return [{ field: given[0], message: 'must be left out with components_v2' }];
    return components?.length
      ? []
      : [{ field: 'components', message: 'is missing: components_v2 needs it' }];
  }
  if (!components) return [];
  if (components.length > MOST_ROWS)
    return [{ field: 'components', message: `must have at most ${MOST_ROWS} rows` }];
  return components.every(({ type }) => type === ACTION_ROW)
    ? []
    : [{ field: 'components', message: 'must be rows (type 1); others need components_v2: true' }];
}

/** The parts of a message as Discord takes them; what is left out stays as it is. */
export function writeContent(input: Content & { readonly tts?: boolean }): JsonObject {
  const { content, embed, embeds, allowed_mentions, components, poll, sticker_ids, tts } = input;
  const all = embed ? [embed] : embeds;
  const names = Object.keys(FLAGS) as (keyof typeof FLAGS)[];
  const given = names.filter((name) => input[name] !== undefined);
  const flags = given.reduce((sum, name) => sum + (input[name] ? FLAGS[name] : 0), 0);
  return {
    ...(content !== undefined && { content }),
    ...(all !== undefined && { embeds: all.map(writeEmbed) }),
    allowed_mentions: writeMentions(allowed_mentions),
    ...(components !== undefined && { components }),
    ...(poll !== undefined && { poll }),
    ...(sticker_ids !== undefined && { sticker_ids }),
    ...(given.length > 0 && { flags }),
    ...(tts !== undefined && { tts }),
  };
}
