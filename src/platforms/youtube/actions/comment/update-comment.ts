import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Flag } from '../../../../actions/fields.js';
import { requireSame } from '../../changes.js';
import { CommentText } from '../../comments.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class UpdateComment {
  @YouTubeId('Id of the comment', { example: 'UgsandboxComment1' })
  comment_id!: string;

  @CommentText('What it is to say')
  text!: string;
}

class UpdateCommentResult {
  @Flag('The comment is changed')
  comment_updated!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/comments/update */
export const updateComment = youtubeAction({
  type: 'update_comment',
  group: 'comment',
  summary: 'Change the text of a comment of the account',
  docs: 'https://developers.google.com/youtube/v3/docs/comments/update',
  effect: 'update',
  repeatable: true,
  order: (_context, { comment_id }) => `youtube:comment:${comment_id}`,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['comments.update'],
  input: UpdateComment,
  output: UpdateCommentResult,
  request: ({ comment_id, text }) =>
    buildYouTubeRequest((youtube) =>
      youtube.comments.update({
        part: ['snippet'],
        requestBody: { id: comment_id, snippet: { textOriginal: text } },
      }),
    ),
  response: (changed: youtube_v3.Schema$Comment, { comment_id }) => {
    requireSame(changed, comment_id);
    return { comment_updated: true };
  },
  example: {
    input: { comment_id: 'UgsandboxComment1', text: 'Ask me anything!' },
    output: { comment_updated: true },
  },
});
