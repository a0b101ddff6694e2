import { Flag } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class DeleteComment {
  @YouTubeId('Id of a comment that the account itself wrote', { example: 'UgsandboxComment1' })
  comment_id!: string;
}

class DeletedComment {
  @Flag('The comment is gone')
  comment_deleted!: boolean;
}

/**
 * Comments of others are rejected instead, by set_comment_moderation.
 * @see https://developers.google.com/youtube/v3/docs/comments/delete
 */
export const deleteComment = youtubeAction({
  type: 'delete_comment',
  group: 'comment',
  summary: 'Delete a comment of the account itself',
  docs: 'https://developers.google.com/youtube/v3/docs/comments/delete',
  effect: 'delete',
  order: (_context, { comment_id }) => `youtube:comment:${comment_id}`,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['comments.delete'],
  input: DeleteComment,
  output: DeletedComment,
  request: ({ comment_id }) =>
    buildYouTubeRequest((youtube) => youtube.comments.delete({ id: comment_id })),
  yes: 'no body',
  response: () => ({ comment_deleted: true }),
  example: { input: { comment_id: 'UgsandboxComment3' }, output: { comment_deleted: true } },
});
