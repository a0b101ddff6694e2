import { Choice, Flag } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class SetCommentModeration {
  @YouTubeId('Id of a comment on a video of the account', { example: 'UgsandboxComment1' })
  comment_id!: string;

  @Choice('What becomes of it', ['published', 'heldForReview', 'rejected'], {
    example: 'rejected',
  })
  status!: 'published' | 'heldForReview' | 'rejected';

  @Flag('Reject everything that its author writes from now on; only with rejected', {
    optional: true,
  })
  ban_author?: boolean;
}

class CommentModerationSet {
  @Flag('The status is set')
  moderation_set!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/comments/setModerationStatus */
export const setCommentModeration = youtubeAction({
  type: 'set_comment_moderation',
  group: 'comment',
  summary: 'Publish, hold back or reject a comment on a video of the account',
  docs: 'https://developers.google.com/youtube/v3/docs/comments/setModerationStatus',
  effect: 'update',
  repeatable: true,
  order: (_context, { comment_id }) => `youtube:comment:${comment_id}`,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['comments.setModerationStatus'],
  input: SetCommentModeration,
  output: CommentModerationSet,
  check: ({ status, ban_author }) =>
    ban_author === true && status !== 'rejected'
      ? [{ field: 'ban_author', message: 'works only with the status rejected' }]
      : [],
  request: ({ comment_id, status, ban_author }) =>
    buildYouTubeRequest((youtube) =>
      youtube.comments.setModerationStatus({
        id: [comment_id],
        moderationStatus: status,
        ...(ban_author === true && { banAuthor: true }),
      }),
    ),
  yes: 'no body',
  response: () => ({ moderation_set: true }),
  example: {
    input: { comment_id: 'UgsandboxComment2', status: 'rejected' },
    output: { moderation_set: true },
  },
});
