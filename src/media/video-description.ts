import { isObject } from '../actions/json.js';

type Found = Readonly<Record<string, unknown>>;

const LONGEST_DESCRIPTION = 500;
const MOST_THUMBNAILS = 5;
const MOST_KEYWORDS = 10;

/**
 * What yt-dlp says of a video, in the words of the earlier downloader.
 * @see https://github.com/yt-dlp/yt-dlp#output-template
 */
export function describeVideo(video: Found): Record<string, unknown> {
  const formats = listParts(video['formats']);
  const date = readDate(video['upload_date']);
  return {
    videoId: video['id'] ?? null,
    title: video['title'] ?? null,
    description: cut(video['description']),
    lengthSeconds: video['duration'] ?? null,
    viewCount: video['view_count'] ?? null,
    author: {
      name: video['channel'] ?? video['uploader'] ?? null,
      channelUrl: video['channel_url'] ?? video['uploader_url'] ?? null,
      subscriberCount: video['channel_follower_count'] ?? null,
    },
    publishDate: readDate(video['release_date']) ?? date,
    uploadDate: date,
    // The largest come last.
    thumbnails: listParts(video['thumbnails'])
      .slice(-MOST_THUMBNAILS)
      .map(({ url, width, height }) => ({ url, width, height })),
    keywords: Array.isArray(video['tags']) ? video['tags'].slice(0, MOST_KEYWORDS) : [],
    category: Array.isArray(video['categories']) ? (video['categories'][0] ?? null) : null,
    isLiveContent: video['is_live'] === true || video['was_live'] === true,
    formats: {
      audioFormats: formats.filter((format) => !hasPicture(format)).map(describeFormat),
      videoFormats: formats.filter(hasPicture).map(describeFormat),
    },
  };
}

function listParts(parts: unknown): Found[] {
  return Array.isArray(parts) ? parts.filter(isObject) : [];
}

/** Of a file of its own nothing is known but its kind. */
function hasPicture({ vcodec, video_ext: kind }: Found): boolean {
  return typeof vcodec === 'string' ? vcodec !== 'none' : kind !== 'none';
}

function describeFormat(format: Found): Found {
  const { format_id: id, ext, tbr, abr, filesize, filesize_approx: about } = format;
  return {
    itag: id ?? null,
    container: ext ?? null,
    qualityLabel: format['format_note'] ?? format['resolution'] ?? null,
    width: format['width'] ?? null,
    height: format['height'] ?? null,
    fps: format['fps'] ?? null,
    videoCodec: format['vcodec'] ?? null,
    audioCodec: format['acodec'] ?? null,
    // Kilobits in theirs, bits in ours.
    bitrate: typeof tbr === 'number' ? Math.round(tbr * 1_000) : null,
    audioBitrate: abr ?? null,
    contentLength: filesize ?? about ?? null,
  };
}

function cut(text: unknown): string {
  return typeof text === 'string' ? text.slice(0, LONGEST_DESCRIPTION).toWellFormed() : '';
}

/** Such as 20261120. */
function readDate(text: unknown): string | null {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(String(text)) ?? [];
  return year === undefined ? null : `${year}-${month}-${day}`;
}
