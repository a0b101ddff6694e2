import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Flag } from '../../../../actions/fields.js';
import { CommentText } from '../../comments.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId } from '../../youtube-request.js';

class PostComment {
  @YouTubeId('Id of the video', { example: 'sandboxVid1' })
  video_id!: string;

  @CommentText('What to write below the video')
  text!: string;
}

class PostedComment {
  @Flag('The comment is posted')
  comment_posted!: boolean;

  @YouTubeId('Id of the comment, for replies and for deleting it')
  comment_id!: string;
}

/** @see https://developers.google.com/youtube/v3/docs/commentThreads/insert */
export const postComment = youtubeAction({
  type: 'post_comment',
  group: 'comment',
  summary: 'Write a comment below a video',
  docs: 'https://developers.google.com/youtube/v3/docs/commentThreads/insert',
  effect: 'create',
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['commentThreads.insert'],
  input: PostComment,
  output: PostedComment,
  request: ({ video_id, text }) =>
    buildYouTubeRequest((youtube) =>
      youtube.commentThreads.insert({
        part: ['snippet'],
        requestBody: {
          snippet: { videoId: video_id, topLevelComment: { snippet: { textOriginal: text } } },
        },
      }),
    ),
  response: (thread: youtube_v3.Schema$CommentThread) => ({
    comment_posted: true,
    comment_id: readId(thread.snippet?.topLevelComment ?? thread),
  }),
  example: {
    input: { video_id: 'sandboxVid1', text: 'Thank you all for watching!' },
    output: { comment_posted: true, comment_id: 'UgsandboxComment1' },
  },
});
