import type { Upstream } from '../../actions/action.js';
import { ActionFailure } from '../../actions/failures.js';
import { type FieldOptions, Text } from '../../actions/fields.js';

/** Base64 of a picture: what the gateway's doors let through is less than what Discord takes. */
const LONGEST_INSIDE = 2_800_000;
/** Discord's documents have a figure for emoji alone, 256 KiB; that of other pictures is unverified. */
const MOST_BYTES = 10_485_760;
const TYPES = /^image\/(png|jpeg|gif|webp|avif)$/;

/**
 * A picture: as a data URI, or its address, from which it is fetched through the egress guard.
 * @see https://discord.com/developers/docs/reference#image-data
 */
export function Picture(description: string, options: FieldOptions = {}): PropertyDecorator {
  return Text(`${description}: a data URI, or an https:// address`, {
    ...options,
    max: LONGEST_INSIDE,
    private: true,
    pattern:
      /^(data:image\/(png|jpeg|gif|webp|avif);base64,[A-Za-z0-9+/]+={0,2}|https:\/\/[^\s"<>\\^`{|}]{1,2000})$/,
    patternMeans: 'a picture as data:image/png;base64,…, or its address as https://…',
  });
}

/** The pictures of an input as Discord takes them. @throws ActionFailure INVALID_INPUT for what is no picture */
export async function readPictures<Name extends string>(
  input: Readonly<Partial<Record<Name, string>>>,
  names: readonly Name[],
  upstream: Upstream,
): Promise<Partial<Record<Name, string>>> {
  const read: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = input[name];
    if (value !== undefined) read[name] = await readPicture(value, name, upstream);
  }
  return read;
}

async function readPicture(value: string, name: string, upstream: Upstream): Promise<string> {
  if (value.startsWith('data:')) return value;
  await upstream.reserveFiles(MOST_BYTES);
  const { bytes, type, isKnown } = await upstream.fetch(value, { maxBytes: MOST_BYTES });
  if (!isKnown) return '<the picture>';
  if (!TYPES.test(type))
    throw new ActionFailure(
      'INVALID_INPUT',
      `parameters.${name}: the address has ${type || 'no type'}, and must have a PNG, JPEG, GIF, WebP or AVIF`,
    );
  return `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;
}
