import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Flag } from '../../../../actions/fields.js';
import { CommentText } from '../../comments.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId } from '../../youtube-request.js';

class ReplyToComment {
  @YouTubeId('Id of the comment; of a reply, that of the comment above it', {
    example: 'UgsandboxComment1',
  })
  parent_id!: string;

  @CommentText('What to answer')
  text!: string;
}

class RepliedToComment {
  @Flag('The reply is posted')
  reply_posted!: boolean;

  @YouTubeId('Id of the reply')
  comment_id!: string;
}

/** @see https://developers.google.com/youtube/v3/docs/comments/insert */
export const replyToComment = youtubeAction({
  type: 'reply_to_comment',
  group: 'comment',
  summary: 'Reply to a comment',
  docs: 'https://developers.google.com/youtube/v3/docs/comments/insert',
  effect: 'create',
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['comments.insert'],
  input: ReplyToComment,
  output: RepliedToComment,
  request: ({ parent_id, text }) =>
    buildYouTubeRequest((youtube) =>
      youtube.comments.insert({
        part: ['snippet'],
        requestBody: { snippet: { parentId: parent_id, textOriginal: text } },
      }),
    ),
  response: (reply: youtube_v3.Schema$Comment) => ({
    reply_posted: true,
    comment_id: readId(reply),
  }),
  example: {
    input: { parent_id: 'UgsandboxComment1', text: 'You are welcome' },
    output: { reply_posted: true, comment_id: 'UgsandboxComment1.reply1' },
  },
});
