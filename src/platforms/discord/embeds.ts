import {
  countText,
  declareField,
  type FieldOptions,
  Flag,
  Integer,
  Part,
  Parts,
  Text,
  Timestamp,
  WebAddress,
} from '../../actions/fields.js';
import type { FieldViolation } from '../../actions/failures.js';
import type { JsonObject } from '../../actions/json.js';

/** Characters are counted as code points; how Discord counts them is unpublished. */
const MOST_IN_ALL = 6_000;
const BIGGEST_COLOR = 0xff_ff_ff;

/** A colour as six hexadecimal digits, with or without #, or as the number Discord itself takes. */
function Color(description: string, options: FieldOptions = {}): PropertyDecorator {
  return declareField(description, options, {
    schema: {
      anyOf: [
        { type: 'string', pattern: '^#?[0-9A-Fa-f]{6}$' },
        { type: 'integer', minimum: 0, maximum: BIGGEST_COLOR },
      ],
    },
    coerce: (value) =>
      typeof value === 'string' && /^#?[0-9a-f]{6}$/i.test(value)
        ? Number.parseInt(value.replace('#', ''), 16)
        : value,
    findFault(value) {
      const isNumber = typeof value === 'number' && Number.isInteger(value);
      if (isNumber && value >= 0 && value <= BIGGEST_COLOR) return undefined;
      return `must be a colour such as "#5865F2", or a number from 0 to ${BIGGEST_COLOR}`;
    },
  });
}

/** Images may also be files of the same message. */
function ImageAddress(description: string, options: FieldOptions = {}): PropertyDecorator {
  return WebAddress(description, { ...options, schemes: ['http', 'https', 'attachment'] });
}

class EmbedField {
  @Text('Its name', { max: 256 })
  name!: string;

  @Text('Its value', { min: 0, max: 1_024 })
  value!: string;

  @Flag('Beside others instead of below', { optional: true })
  inline?: boolean;
}

class EmbedImage {
  @ImageAddress('Where it is')
  url!: string;

  @Integer('Its height in pixels; Discord finds out for itself', { optional: true, min: 0 })
  height?: number;

  @Integer('Its width in pixels; Discord finds out for itself', { optional: true, min: 0 })
  width?: number;
}

class EmbedFooter {
  @Text('What it says', { max: 2_048 })
  text!: string;

  @ImageAddress('Its icon', { optional: true })
  icon_url?: string;
}

class EmbedAuthor {
  @Text('Its name', { max: 256 })
  name!: string;

  @WebAddress('Where the name leads to', { optional: true })
  url?: string;

  @ImageAddress('Its icon', { optional: true })
  icon_url?: string;
}

/**
 * An embed in Discord's own form, or with the flat names that the earlier service's callers use.
 * @see https://discord.com/developers/docs/resources/message#embed-object
 */
export class Embed {
  @Text('Title', { optional: true, max: 256 })
  title?: string;

  @Text('Text below the title', { optional: true, max: 4_096 })
  description?: string;

  @WebAddress('Where the title leads to', { optional: true })
  url?: string;

  @Color('Colour of the edge', { optional: true })
  color?: number;

  @Timestamp('A time', { optional: true })
  timestamp?: string;

  @Text('Kind of the embed, which Discord sets to rich', { optional: true, max: 32 })
  type?: string;

  @Parts('Up to 25 fields', EmbedField, { optional: true, maxItems: 25 })
  fields?: EmbedField[];

  @ImageAddress('Flat form of thumbnail', { optional: true })
  thumbnail_url?: string;

  @ImageAddress('Flat form of image', { optional: true })
  image_url?: string;

  @Text('Flat form of footer', { optional: true, max: 2_048 })
  footer_text?: string;

  @ImageAddress('Icon of the flat footer', { optional: true })
  footer_icon_url?: string;

  @Part('Small picture', EmbedImage, { optional: true })
  thumbnail?: EmbedImage;

  @Part('Big picture', EmbedImage, { optional: true })
  image?: EmbedImage;

  @Part('Footer', EmbedFooter, { optional: true })
  footer?: EmbedFooter;

  @Part('Author', EmbedAuthor, { optional: true })
  author?: EmbedAuthor;
}

/** Pairs of which an embed may have one side alone. */
const FLAT_FORMS = [
  ['thumbnail_url', 'thumbnail'],
  ['image_url', 'image'],
  ['footer_text', 'footer'],
  ['footer_icon_url', 'footer'],
] as const;

/** The faults of embeds that no single field of theirs has. `name` is the parameter they came in. */
export function findEmbedFaults(embeds: readonly Embed[], name: string): FieldViolation[] {
  const faults: FieldViolation[] = [];
  for (const [index, embed] of embeds.entries()) {
    const say = (message: string): unknown =>
      faults.push({ field: name, message: `item ${index + 1}: ${message}` });
    for (const [flat, own] of FLAT_FORMS) {
      if (embed[flat] !== undefined && embed[own] !== undefined)
        say(`give either ${flat} or ${own}`);
    }
    if (embed.footer_icon_url !== undefined && embed.footer_text === undefined)
      say('footer_icon_url needs a footer_text');
    if (countEmbed(embed) === 0 && !showsPicture(embed))
      say(
        'shows nothing: give it a title, a description, a field, a footer, an author or an image',
      );
  }
  const total = embeds.reduce((sum, embed) => sum + countEmbed(embed), 0);
  if (total > MOST_IN_ALL) {
    const message = `must have at most ${MOST_IN_ALL} characters of text in all, and has ${total}`;
    faults.push({ field: name, message });
  }
  return faults;
}

function showsPicture({ thumbnail, thumbnail_url, image, image_url }: Embed): boolean {
  return [thumbnail, thumbnail_url, image, image_url].some((picture) => picture !== undefined);
}

/** The characters that count for the limit over all embeds of a message. */
function countEmbed(embed: Embed): number {
  const { title, description, footer_text, footer, author, fields = [] } = embed;
  const texts = [title, description, footer_text, footer?.text, author?.name];
  const ofFields = fields.flatMap((field) => [field.name, field.value]);
  return [...texts, ...ofFields].reduce(
    (sum, text) => sum + (text === undefined ? 0 : countText(text, 'characters')),
    0,
  );
}

/** An embed as Discord takes it. */
export function writeEmbed(embed: Embed): JsonObject {
  const { thumbnail_url, image_url, footer_text, footer_icon_url, ...own } = embed;
  const written = {
    ...own,
    ...(thumbnail_url !== undefined && { thumbnail: { url: thumbnail_url } }),
    ...(image_url !== undefined && { image: { url: image_url } }),
    ...(footer_text !== undefined && {
      footer: {
        text: footer_text,
        ...(footer_icon_url !== undefined && { icon_url: footer_icon_url }),
      },
    }),
  };
  // Plain values, as they stand on the wire: instances of field classes end here.
  return JSON.parse(JSON.stringify(written)) as JsonObject;
}
