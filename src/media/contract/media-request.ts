import { Choice, type FieldClass, Integer, parseFields, Text } from '../../actions/fields.js';
import { isObject } from '../../actions/json.js';
import { MediaRefusal } from './media-refusal.js';

/** @see docs/media.md */
const MEDIA_HOSTS: readonly string[] = [
  'www.youtube.com',
  'youtube.com',
  'youtu.be',
  'm.youtube.com',
  'music.youtube.com',
];

const MEDIA_KINDS = ['mp3', 'mp4'] as const;
export type MediaKind = (typeof MEDIA_KINDS)[number];

const HEIGHTS = ['144p', '240p', '360p', '480p', '720p', '1080p', '1440p', '2160p'] as const;
const AUDIO_QUALITIES = ['highestaudio', 'lowestaudio', 'highest', 'lowest'] as const;
const VIDEO_QUALITIES = ['highest', 'lowest', 'highestvideo', 'lowestvideo', ...HEIGHTS] as const;

const WHICH = 'Address of the video';
const OWN_ID = { optional: true, min: 0, max: 255 } as const;

/** What is asked about a video. */
export class InfoRequest {
  @Text(WHICH, { max: 2_048, example: 'https://www.youtube.com/watch?v=jNQXAC9IVRw' })
  url!: string;

  @Text('Where the answer is posted; where the name is given at all, the job waits in the queue', {
    optional: true,
    min: 0,
    max: 2_048,
  })
  webhook_url?: string;

  @Text("The caller's own name for the job", OWN_ID)
  id?: string;
}

/** What of a video is downloaded as sound. */
export class Mp3Request {
  @Text(WHICH, { max: 2_048, example: 'https://www.youtube.com/watch?v=jNQXAC9IVRw' })
  url!: string;

  @Choice('Which sound is taken', AUDIO_QUALITIES, { default: 'highestaudio' })
  quality!: (typeof AUDIO_QUALITIES)[number];

  @Text('Taken and not used: a download is its own answer', { optional: true, min: 0, max: 2_048 })
  webhook_url?: string;

  @Text('Taken and not used', OWN_ID)
  id?: string;
}

/** What of a video is downloaded as film. */
export class Mp4Request {
  @Text(WHICH, { max: 2_048, example: 'https://www.youtube.com/watch?v=jNQXAC9IVRw' })
  url!: string;

  @Choice('Which picture is taken, at most this high', VIDEO_QUALITIES, { default: 'highest' })
  quality!: (typeof VIDEO_QUALITIES)[number];

  @Text('Taken and not used: a download is its own answer', { optional: true, min: 0, max: 2_048 })
  webhook_url?: string;

  @Text('Taken and not used', OWN_ID)
  id?: string;
}

/** Which job is asked about. */
export class JobStatusRequest {
  @Text('The id that an envelope gave', { max: 255 })
  job_id!: string;

  @Text("The caller's own name for the question", OWN_ID)
  id?: string;
}

/** Of which time the jobs are listed. */
export class JobsStatusRequest {
  @Integer('Seconds that the list goes back', { min: 0, max: 2_592_000, default: 600 })
  since_seconds!: number;

  @Text("The caller's own name for the question", OWN_ID)
  id?: string;
}

/** What of a video is downloaded. */
export interface Download {
  readonly kind: MediaKind;
  readonly url: string;
  readonly quality: Mp3Request['quality'] | Mp4Request['quality'];
}

/** A body as an instance of a request. @throws MediaRefusal 400 naming every wrong field */
export function parseMediaRequest<T extends object>(type: FieldClass<T>, body: unknown): T {
  // The earlier toolkit took an empty object for no body.
  if (!isObject(body) || Object.keys(body).length === 0)
    throw new MediaRefusal(400, { message: 'Missing JSON in request' });
  if (body['webhook_url'] === null) throw refusePayload('webhook_url must be text, not null');
  const parsed = parseFields(type, body);
  if (parsed.ok) return parsed.value;
  throw refusePayload(
    parsed.violations.map(({ field, message }) => `${field} ${message}`.trim()).join('; '),
  );
}

/**
 * An address that media may be fetched from.
 * @param allowLoopback tests: whether this machine may be named as well
 * @throws MediaRefusal 400
 */
export function requireMediaUrl(text: string, allowLoopback: boolean): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw refusePayload('url must be a URL such as https://www.youtube.com/watch?v=…');
  if (url.username !== '' || url.password !== '')
    throw refusePayload('url must not hold a user name');
  if (allowLoopback && url.hostname === '127.0.0.1') return url.href;
  if (!MEDIA_HOSTS.includes(url.hostname))
    throw refusePayload(`url must be of one of the hosts ${MEDIA_HOSTS.join(', ')}`);
  if (url.port !== '') throw refusePayload('url must not name a port');
  return url.href;
}

export function refusePayload(what: string): MediaRefusal {
  return new MediaRefusal(400, { message: `Invalid payload: ${what}` });
}
