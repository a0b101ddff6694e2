import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import type { Upstream } from '../../actions/action.js';
import type { FieldViolation } from '../../actions/failures.js';
import { Choice, Flag, List, Text, Timestamp } from '../../actions/fields.js';
import { changeThing } from './changes.js';
import { findTagFaults } from './uploads.js';
import { LANGUAGE, WITHOUT_ANGLES } from './youtube-action.js';

/** What of a video is to be another; what is left out stays. */
export class VideoChanges {
  @Text('Its title', { optional: true, visible: true, max: 100, ...WITHOUT_ANGLES })
  title?: string;

  @Text('Its description', { optional: true, min: 0, max: 5000, unit: 'bytes', ...WITHOUT_ANGLES })
  description?: string;

  @List('Its tags, 500 characters in all as YouTube counts them', { optional: true })
  tags?: string[];

  @Text('Id of its category', {
    optional: true,
    max: 8,
    pattern: /^\d+$/,
    patternMeans: 'the number of a category, as text',
  })
  category_id?: string;

  @Text('Language of its texts, such as en or de-AT', { optional: true, ...LANGUAGE })
  default_language?: string;

  @Text('Language that is spoken in it', { optional: true, ...LANGUAGE })
  default_audio_language?: string;

  @Choice('Who sees it', ['private', 'unlisted', 'public'], { optional: true })
  privacy_status?: 'private' | 'unlisted' | 'public';

  @Timestamp('When it becomes public by itself, as an RFC 3339 time; it is private until then', {
    optional: true,
  })
  publish_at?: string;

  @Choice('Its licence', ['youtube', 'creativeCommon'], { optional: true })
  license?: 'youtube' | 'creativeCommon';

  @Flag('Other sites may show it', { optional: true })
  embeddable?: boolean;

  @Flag('Everybody sees its statistics', { optional: true })
  public_stats_viewable?: boolean;

  @Flag('It is made for children', { optional: true })
  made_for_kids?: boolean;

  @Flag('It shows what looks real and was made by a machine', { optional: true })
  contains_synthetic_media?: boolean;

  @Timestamp('When it was recorded', { optional: true })
  recording_date?: string;

  @Flag('Somebody paid for a product in it', { optional: true })
  has_paid_product_placement?: boolean;
}

/** The part of a video that each change is about, and its name there. */
const PLACES: Readonly<Record<keyof VideoChanges, readonly [part: VideoPart, member: string]>> = {
  title: ['snippet', 'title'],
  description: ['snippet', 'description'],
  tags: ['snippet', 'tags'],
  category_id: ['snippet', 'categoryId'],
  default_language: ['snippet', 'defaultLanguage'],
  default_audio_language: ['snippet', 'defaultAudioLanguage'],
  privacy_status: ['status', 'privacyStatus'],
  publish_at: ['status', 'publishAt'],
  license: ['status', 'license'],
  embeddable: ['status', 'embeddable'],
  public_stats_viewable: ['status', 'publicStatsViewable'],
  made_for_kids: ['status', 'selfDeclaredMadeForKids'],
  contains_synthetic_media: ['status', 'containsSyntheticMedia'],
  recording_date: ['recordingDetails', 'recordingDate'],
  has_paid_product_placement: ['paidProductPlacementDetails', 'hasPaidProductPlacement'],
};

type VideoPart = 'snippet' | 'status' | 'recordingDetails' | 'paidProductPlacementDetails';

/** What YouTube itself writes into a part. */
const WRITTEN_BY_YOUTUBE: Readonly<Record<VideoPart, readonly string[]>> = {
  snippet: [
    'publishedAt',
    'channelId',
    'channelTitle',
    'thumbnails',
    'liveBroadcastContent',
    'localized',
  ],
  status: ['uploadStatus', 'failureReason', 'rejectionReason', 'madeForKids'],
  recordingDetails: [],
  paidProductPlacementDetails: [],
};

/** What a dry run reads. */
const PLACEHOLDERS: Readonly<Record<VideoPart, object>> = {
  snippet: {
    title: '<title>',
    description: '<description>',
    tags: ['<tags>'],
    categoryId: '<category>',
  },
  status: { privacyStatus: 'private', license: 'youtube', embeddable: true },
  recordingDetails: {},
  paidProductPlacementDetails: {},
};

/** Faults that concern several changes. */
export function findChangeFaults(changes: VideoChanges): FieldViolation[] {
  const { publish_at, privacy_status } = changes;
  const faults = findTagFaults(changes.tags ?? []);
  if (publish_at === undefined) return faults;
  // YouTube takes the time for private videos alone.
  if (privacy_status !== undefined && privacy_status !== 'private')
    faults.push({ field: 'publish_at', message: 'is for videos with privacy_status private' });
  if (!(Date.parse(publish_at) > Date.now()))
    faults.push({ field: 'publish_at', message: 'must be a time to come' });
  return faults;
}

/**
 * Changes a video. An update replaces each part that it names as a whole, so the parts in which something changes
 * are read first, and sent back with everything in them that is not YouTube's own. Other parts are not named, and
 * stay as they are.
 * @see https://developers.google.com/youtube/v3/docs/videos/update
 */
export function changeVideo(
  id: string,
  changes: VideoChanges,
  upstream: Upstream,
): Promise<youtube_v3.Schema$Video> {
  const changed = (Object.keys(PLACES) as (keyof VideoChanges)[]).filter(
    (name) => changes[name] !== undefined,
  );
  const parts = [...new Set(changed.map((name) => PLACES[name][0]))];
  return changeThing<youtube_v3.Schema$Video>(upstream, {
    what: 'video',
    id,
    read: (youtube) => youtube.videos.list({ part: parts, id: [id] }),
    placeholder: Object.fromEntries(parts.map((part) => [part, PLACEHOLDERS[part]])),
    write: (now) => {
      const merged = parts.map((part) => {
        const kept: Record<string, unknown> = { ...now[part] };
        for (const name of WRITTEN_BY_YOUTUBE[part]) delete kept[name];
        for (const name of changed)
          if (PLACES[name][0] === part) kept[PLACES[name][1]] = changes[name];
        return [part, part === 'status' ? fitPublishing(kept, changes) : kept] as const;
      });
      return (youtube) =>
        youtube.videos.update({
          part: parts,
          requestBody: { id, ...Object.fromEntries(merged) },
        });
    },
  });
}

/** A time of publishing needs a private video, and one that is public has none. */
function fitPublishing(
  status: Readonly<Record<string, unknown>>,
  { publish_at, privacy_status }: VideoChanges,
): Record<string, unknown> {
  const { publishAt, ...rest } = status;
  if (publish_at !== undefined)
    return { ...rest, privacyStatus: 'private', publishAt: new Date(publish_at).toISOString() };
  const isPrivate = (privacy_status ?? rest['privacyStatus']) === 'private';
  return isPrivate && publishAt !== undefined ? { ...rest, publishAt } : rest;
}
