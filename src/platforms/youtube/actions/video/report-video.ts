import { Flag, Text } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { LANGUAGE, youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class ReportVideo {
  @YouTubeId('Id of the video', { example: 'sandboxVid3' })
  video_id!: string;

  @Text('Id of the reason, of videoAbuseReportReasons', { max: 64, example: 'S' })
  reason_id!: string;

  @Text('Id of the closer reason', { optional: true, max: 64 })
  secondary_reason_id?: string;

  @Text('What is wrong with it', { optional: true, private: true, max: 10_000 })
  comments?: string;

  @Text('Language of the report, such as en', { optional: true, ...LANGUAGE })
  language?: string;
}

class ReportVideoResult {
  @Flag('The report is sent')
  video_reported!: boolean;
}

/** How long ids and comments may be is unverified. @see https://developers.google.com/youtube/v3/docs/videos/reportAbuse */
export const reportVideo = youtubeAction({
  type: 'report_video',
  group: 'video',
  summary: 'Report a video for abuse',
  docs: 'https://developers.google.com/youtube/v3/docs/videos/reportAbuse',
  effect: 'create',
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['videos.reportAbuse'],
  input: ReportVideo,
  output: ReportVideoResult,
  request: ({ video_id, reason_id, secondary_reason_id, comments, language }) =>
    buildYouTubeRequest((youtube) =>
      youtube.videos.reportAbuse({
        requestBody: {
          videoId: video_id,
          reasonId: reason_id,
          secondaryReasonId: secondary_reason_id,
          comments,
          language,
        },
      }),
    ),
  yes: 'no body',
  response: () => ({ video_reported: true }),
  example: { input: { video_id: 'sandboxVid3', reason_id: 'S' }, output: { video_reported: true } },
});
