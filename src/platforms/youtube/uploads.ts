import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import type { Upstream } from '../../actions/action.js';
import type { FieldViolation } from '../../actions/failures.js';
import { Choice, Flag, List, Text, Timestamp, WebAddress } from '../../actions/fields.js';
import { uploadMedia } from './media.js';
import { WITHOUT_ANGLES, YouTubeId } from './youtube-action.js';
import { buildYouTubeRequest, readId } from './youtube-request.js';

type Privacy = 'private' | 'unlisted' | 'public';

/** A video that does not exist yet. */
export class NewVideo {
  @WebAddress(
    'Where to read the file: https:// on the public internet; left out where the file comes with the request',
    { optional: true, example: 'https://example.com/video.mp4' },
  )
  video_url?: string;

  @Text('Its title', { visible: true, max: 100, example: 'Speedrun Sunday', ...WITHOUT_ANGLES })
  title!: string;

  @Text('Its description', { min: 0, max: 5000, unit: 'bytes', default: '', ...WITHOUT_ANGLES })
  description!: string;

  @List('Its tags, 500 characters in all as YouTube counts them', { default: [] })
  tags!: string[];

  @Text('Id of its category; 22 is People & Blogs', {
    default: '22',
    max: 8,
    pattern: /^\d+$/,
    patternMeans: 'the number of a category, as text',
  })
  category_id!: string;

  // Always sent: what says nothing of it becomes public at YouTube, which cannot be taken back unseen.
  @Choice('Who sees it', ['private', 'unlisted', 'public'], { default: 'private' })
  privacy_status!: Privacy;

  @Flag('It is made for children', { default: false })
  made_for_kids!: boolean;

  @Timestamp('When it becomes public by itself, as an RFC 3339 time; for private videos alone', {
    optional: true,
  })
  publish_at?: string;

  @Flag('Tell the subscribers; left out, YouTube decides', { optional: true })
  notify_subscribers?: boolean;
}

/** What became of an upload. */
export class UploadedVideo {
  @YouTubeId('Id of the video')
  video_id!: string;

  @Text('Where it is seen')
  url!: string;

  @Choice('Who sees it', ['private', 'unlisted', 'public'])
  privacy_status!: Privacy;

  @Text('How far YouTube is with it, such as uploaded or processed', { optional: true })
  upload_status?: string;
}

/** @see https://developers.google.com/youtube/v3/docs/videos/insert */
const VIDEO_MEDIA = {
  maxBytes: 274_877_906_944,
  types: /^(video\/[\w.+-]+|application\/octet-stream)$/i,
  typesMean: 'a video/* or application/octet-stream',
} as const;
/** @see https://developers.google.com/youtube/v3/docs/videos#snippet.tags[] */
const MOST_TAGS = 500;

/** What is wrong with a video, field by field. */
export function findVideoFaults(
  { tags, privacy_status, publish_at }: NewVideo,
  extraTags: readonly string[] = [],
): FieldViolation[] {
  const faults = findTagFaults(tags, extraTags);
  if (publish_at !== undefined) {
    if (privacy_status !== 'private')
      faults.push({ field: 'publish_at', message: 'is for videos with privacy_status private' });
    // Not a time at all is no time to come either.
    if (!(Date.parse(publish_at) > Date.now()))
      faults.push({ field: 'publish_at', message: 'must be a time to come' });
  }
  return faults;
}

/** What is wrong with tags. @param extraTags tags that a video gets beside them */
export function findTagFaults(
  tags: readonly string[],
  extraTags: readonly string[] = [],
): FieldViolation[] {
  const faults: FieldViolation[] = [];
  const length = countTags(addTags(tags, extraTags));
  if (length > MOST_TAGS) {
    const what = extraTags.length > 0 ? `, ${extraTags.join(' ')} included` : '';
    const message = `must have at most ${MOST_TAGS} characters in all${what}, and have ${length}`;
    faults.push({ field: 'tags', message });
  }
  if (tags.some((tag) => /[<>]/.test(tag)))
    faults.push({ field: 'tags', message: 'must be without < and >' });
  return faults;
}

/** As YouTube counts: commas between tags, and quotes around those with a space in them. */
function countTags(tags: readonly string[]): number {
  const lengths = tags.map((tag) => [...tag].length + (tag.includes(' ') ? 2 : 0));
  return lengths.reduce((sum, length) => sum + length + 1, -1);
}

function addTags(tags: readonly string[], more: readonly string[]): string[] {
  const known = new Set(tags.map((tag) => tag.toLowerCase()));
  return [...tags, ...more.filter((tag) => !known.has(tag.toLowerCase()))];
}

/**
 * Uploads a video, by the library's own request at the address for uploads.
 * @param extraTags tags it gets beside those that were asked for
 * @see https://developers.google.com/youtube/v3/docs/videos/insert
 */
export async function uploadNewVideo(
  video: NewVideo,
  upstream: Upstream,
  extraTags: readonly string[] = [],
): Promise<Omit<UploadedVideo, 'url'>> {
  const tags = addTags(video.tags, extraTags);
  const session = buildYouTubeRequest((youtube) =>
    youtube.videos.insert({
      part: ['snippet', 'status'],
      ...(video.notify_subscribers !== undefined && {
        notifySubscribers: video.notify_subscribers,
      }),
      requestBody: {
        snippet: {
          title: video.title,
          description: video.description,
          ...(tags.length > 0 && { tags }),
          categoryId: video.category_id,
        },
        status: {
          privacyStatus: video.privacy_status,
          selfDeclaredMadeForKids: video.made_for_kids,
          ...(video.publish_at !== undefined && {
            publishAt: new Date(video.publish_at).toISOString(),
          }),
        },
      },
    }),
  );
  const made = await uploadMedia<youtube_v3.Schema$Video>(
    upstream,
    session,
    { url: video.video_url },
    VIDEO_MEDIA,
  );
  const { privacyStatus, uploadStatus } = made.status ?? {};
  return {
    video_id: readId(made),
    // YouTube may keep a video more private than was asked for.
    privacy_status: readPrivacy(privacyStatus) ?? video.privacy_status,
    ...(uploadStatus && { upload_status: uploadStatus }),
  };
}

function readPrivacy(text: string | null | undefined): Privacy | undefined {
  return (['private', 'unlisted', 'public'] as const).find((known) => known === text);
}
