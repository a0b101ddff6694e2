import type { FieldViolation } from '../../actions/failures.js';
import { Flag } from '../../actions/fields.js';
import type { JsonObject } from '../../actions/json.js';
import { type Embed, findEmbedFaults, writeEmbed } from './embeds.js';
import { Snowflake } from './discord-action.js';
import { type AllowedMentions, findMentionFaults, writeMentions } from './mentions.js';
import { findFileFaults, type MessageFile } from './files.js';

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
  const { content, embed, embeds, files } = input;
  const isEmpty = content === undefined && !embed && !embeds?.length && !files?.length;
  return [
    ...(isEmpty
      ? [{ field: 'content', message: 'is missing: a message needs content, an embed or a file' }]
      : []),
    ...findPartFaults(input),
  ];
}

/** Faults of a change: what is empty takes away, and what is left out stays as it is. */
export function findEditFaults(input: Content): FieldViolation[] {
  const { content, embed, embeds, allowed_mentions } = input;
  const changesNothing = [content, embed, embeds, allowed_mentions].every(
    (part) => part === undefined,
  );
  return [
    ...(changesNothing
      ? [{ field: 'content', message: 'is missing: give the new content, embed or embeds' }]
      : []),
    ...findPartFaults(input),
  ];
}

function findPartFaults({ embed, embeds, files, allowed_mentions }: Content): FieldViolation[] {
  return [
    ...(embed && embeds ? [{ field: 'embed', message: 'give either embed or embeds' }] : []),
    ...(embed ? findEmbedFaults([embed], 'embed') : []),
    ...(embeds ? findEmbedFaults(embeds, 'embeds') : []),
    ...findFileFaults(files),
    ...findMentionFaults(allowed_mentions),
  ];
}

/** The parts of a message as Discord takes them; what is left out stays as it is. */
export function writeContent({ content, embed, embeds, allowed_mentions }: Content): JsonObject {
  const all = embed ? [embed] : embeds;
  return {
    ...(content !== undefined && { content }),
    ...(all !== undefined && { embeds: all.map(writeEmbed) }),
    allowed_mentions: writeMentions(allowed_mentions),
  };
}
