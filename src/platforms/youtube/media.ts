import type { Upstream } from '../../actions/action.js';
import type { FieldViolation } from '../../actions/failures.js';
import { Text, WebAddress } from '../../actions/fields.js';
import type { Upload } from '../../actions/upload.js';
import type { PlatformRequest } from '../../actions/wire.js';

/** Which files a call takes. */
type Media = Pick<Upload, 'maxBytes' | 'types' | 'typesMean'>;

/** Base64 of at most 512 KiB: an envelope is no place for more. */
const MOST_BASE64 = 699_052;
const BASE64 = {
  max: MOST_BASE64,
  pattern: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  patternMeans: 'base64, in whole groups of four',
} as const;

/** A picture: at an address, in a parameter, or with the request. */
export class ImageFile {
  @WebAddress(
    'Where to read the picture, a JPEG or PNG: https:// on the public internet; left out where the file comes with the request',
    { optional: true, example: 'https://example.com/thumbnail.png' },
  )
  image_url?: string;

  @Text('The picture itself as base64, of at most 512 KiB', {
    optional: true,
    private: true,
    ...BASE64,
  })
  image_base64?: string;
}

/** A file of captions, such as WebVTT or SubRip. */
export class CaptionFile {
  @WebAddress(
    'Where to read the captions: https:// on the public internet; left out where the file comes with the request',
    { optional: true, example: 'https://example.com/captions.vtt' },
  )
  caption_url?: string;

  @Text('The captions themselves as base64, of at most 512 KiB', {
    optional: true,
    private: true,
    ...BASE64,
  })
  caption_base64?: string;
}

/** @see https://developers.google.com/youtube/v3/docs/captions/insert */
export const CAPTION_MEDIA: Media = {
  maxBytes: 104_857_600,
  types: /^[\w.+-]+\/[\w.+-]+$/,
  typesMean: 'a file with a media type, such as text/vtt',
};

/** Pictures of at most so many bytes. @see https://developers.google.com/youtube/v3/docs/thumbnails/set */
export function imageMedia(maxBytes: number): Media {
  return {
    maxBytes,
    types: /^(image\/(jpeg|png)|application\/octet-stream)$/i,
    typesMean: 'an image/jpeg, image/png or application/octet-stream',
  };
}

/** The first bytes of a JPEG and of a PNG. */
const MAGIC = [Buffer.from([0xff, 0xd8, 0xff]), Buffer.from([0x89, 0x50, 0x4e, 0x47])];

/** What is wrong with a picture in a parameter. */
export function findImageFaults({ image_base64 }: ImageFile): FieldViolation[] {
  if (image_base64 === undefined) return [];
  const head = Buffer.from(image_base64.slice(0, 8), 'base64');
  if (MAGIC.some((magic) => magic.equals(head.subarray(0, magic.length)))) return [];
  return [{ field: 'image_base64', message: 'must be a JPEG or a PNG' }];
}

/** What is wrong with captions in a parameter. */
export function findCaptionFaults({ caption_base64 }: CaptionFile): FieldViolation[] {
  if (caption_base64 === undefined || !Buffer.from(caption_base64, 'base64').includes(0)) return [];
  return [{ field: 'caption_base64', message: 'must be a text, and has bytes of zero in it' }];
}

/** Sends a file to the call for it, at the address for uploads. */
export function uploadMedia<Answer>(
  upstream: Upstream,
  request: PlatformRequest,
  { url, base64 }: { readonly url?: string | undefined; readonly base64?: string | undefined },
  media: Media,
): Promise<Answer> {
  return upstream.upload<Answer>({
    session: {
      ...request,
      path: `/upload${request.path}`,
      query: { uploadType: 'resumable', ...request.query },
    },
    url,
    ...(base64 !== undefined && { content: Buffer.from(base64, 'base64') }),
    ...media,
  });
}
