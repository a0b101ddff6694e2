import { type DataCall, DataRefusal, type DataResult, type DataRoutes } from './data-call.js';
import { FORCE_SSL } from './scopes.js';
import { type Comment, inventId } from './world.js';

/** Comments are the one thing that this scope alone gives the right to. */
const SCOPES = [FORCE_SSL];
const STATUSES: ReadonlySet<string> = new Set(['heldForReview', 'published', 'rejected']);
/** Unpublished, simulated. */
const LONGEST_COMMENT = 10_000;

/** Comments below videos, and replies to them. */
export const COMMENT_ROUTES: DataRoutes = {
  'GET /commentThreads': { scopes: SCOPES, units: 1, handle: listThreads },
  'GET /comments': { scopes: SCOPES, units: 1, handle: listReplies },
  'POST /commentThreads': { scopes: SCOPES, units: 50, handle: insertThread },
  'POST /comments': { scopes: SCOPES, units: 50, handle: insertReply },
  'PUT /comments': { scopes: SCOPES, units: 50, handle: updateComment },
  'DELETE /comments': { scopes: SCOPES, units: 50, handle: deleteComment },
  'POST /comments/setModerationStatus': { scopes: SCOPES, units: 50, handle: setStatus },
};

/** @see https://developers.google.com/youtube/v3/docs/commentThreads/list */
function listThreads(call: DataCall): DataResult {
  const videoId = call.readQuery('videoId');
  const channelId = call.readQuery('allThreadsRelatedToChannelId');
  if ((videoId === undefined) === (channelId === undefined))
    throw new DataRefusal(400, 'missingRequiredParameter', 'Exactly one filter must be given.');
  if (videoId !== undefined) call.requireVideo(videoId);
  const status = call.readQuery('moderationStatus') ?? 'published';
  const words = call.readQuery('searchTerms')?.toLowerCase() ?? '';
  const found = [...call.world.comments.values()].filter(
    (comment) =>
      comment.parent_id === null &&
      comment.moderation_status === status &&
      comment.text.toLowerCase().includes(words) &&
      (videoId === undefined
        ? call.requireVideo(comment.video_id).channel_id === channelId
        : comment.video_id === videoId),
  );
  return call.paginate(
    found.map((comment) => ({
      kind: 'youtube#commentThread',
      id: comment.id,
      snippet: {
        videoId: comment.video_id,
        topLevelComment: showComment(comment, call.world.nameChannel(comment.author_id)),
        totalReplyCount: listRepliesOf(call, comment.id).length,
      },
    })),
    100,
    20,
  );
}

/** @see https://developers.google.com/youtube/v3/docs/comments/list */
function listReplies(call: DataCall): DataResult {
  const parentId = call.requireQuery('parentId');
  call.requireComment(parentId);
  const replies = listRepliesOf(call, parentId);
  return call.paginate(
    replies.map((reply) => showComment(reply, call.world.nameChannel(reply.author_id))),
    100,
    20,
  );
}

function listRepliesOf(call: DataCall, parentId: string): Comment[] {
  return [...call.world.comments.values()].filter(({ parent_id }) => parent_id === parentId);
}

/** @see https://developers.google.com/youtube/v3/docs/commentThreads/insert */
function insertThread(call: DataCall): DataResult {
  const snippet = call.body.within('snippet');
  const text = readText(snippet.within('topLevelComment', 'snippet').readText('textOriginal'));
  const video = call.requireVideo(snippet.requireText('videoId', 'videoIdRequired'));
  const comment = write(call, video.id, null, text);
  return {
    kind: 'youtube#commentThread',
    id: comment.id,
    snippet: { videoId: video.id, topLevelComment: showComment(comment) },
  };
}

/** @see https://developers.google.com/youtube/v3/docs/comments/insert */
function insertReply(call: DataCall): DataResult {
  const snippet = call.body.within('snippet');
  const parentId = snippet.requireText('parentId', 'parentIdMissing');
  const text = readText(snippet.readText('textOriginal'));
  const parent = call.requireComment(parentId, 'parentCommentNotFound');
  if (parent.parent_id !== null)
    throw new DataRefusal(400, 'operationNotSupported', 'Replies are made to comments alone.');
  return showComment(write(call, parent.video_id, parent.id, text));
}

/** @see https://developers.google.com/youtube/v3/docs/comments/update */
function updateComment(call: DataCall): DataResult {
  const comment = call.requireComment(call.body.requireText('id', 'commentIdRequired'));
  call.requireSelf(comment.author_id, 'The comment cannot be updated with this authorization.');
  comment.text = readText(call.body.within('snippet').readText('textOriginal'));
  return showComment(comment, call.world.nameChannel(comment.author_id));
}

/** @see https://developers.google.com/youtube/v3/docs/comments/delete */
function deleteComment(call: DataCall): DataResult {
  const comment = call.requireComment(call.requireQuery('id'));
  call.requireSelf(comment.author_id, 'The comment cannot be deleted with this authorization.');
  call.world.comments.delete(comment.id);
  for (const [id, { parent_id }] of call.world.comments)
    if (parent_id === comment.id) call.world.comments.delete(id);
  return undefined;
}

/** @see https://developers.google.com/youtube/v3/docs/comments/setModerationStatus */
function setStatus(call: DataCall): DataResult {
  call.requireQuery('id');
  const status = call.requireQuery('moderationStatus');
  if (!STATUSES.has(status))
    throw new DataRefusal(400, 'invalid', `Invalid value at "moderationStatus": ${status}`);
  const bansAuthor = call.readQuery('banAuthor') === 'true';
  if (bansAuthor && status !== 'rejected')
    throw new DataRefusal(400, 'banWithoutReject', 'Authors are banned with rejected comments.');
  const comments = call.readList('id').map((id) => call.requireComment(id));
  for (const { video_id } of comments) call.requireSelf(call.requireVideo(video_id).channel_id);
  for (const comment of comments) {
    comment.moderation_status = status;
    if (!bansAuthor) continue;
    const rejected = call.world.rejected_authors.get(call.channelId) ?? new Set();
    call.world.rejected_authors.set(call.channelId, rejected.add(comment.author_id));
  }
  return undefined;
}

function readText(text: string | undefined): string {
  if (!text) throw new DataRefusal(400, 'commentTextRequired', 'The text is required.');
  if ([...text].length > LONGEST_COMMENT)
    throw new DataRefusal(400, 'commentTextTooLong', 'The comment text is too long.');
  return text;
}

function write(call: DataCall, videoId: string, parentId: string | null, text: string): Comment {
  const video = call.requireVideo(videoId);
  if (!video.comments_enabled)
    throw new DataRefusal(403, 'commentsDisabled', 'The video has disabled comments.');
  const isRejected = call.world.rejected_authors.get(video.channel_id)?.has(call.channelId);
  const comment: Comment = {
    id: parentId === null ? `Ug${inventId(18)}` : `${parentId}.${inventId(8)}`,
    video_id: videoId,
    parent_id: parentId,
    author_id: call.channelId,
    text,
    at: call.world.now(),
    moderation_status: isRejected ? 'rejected' : 'published',
  };
  call.world.comments.set(comment.id, comment);
  return comment;
}

function showComment(
  { id, video_id, parent_id, author_id, text, at }: Comment,
  author?: string,
): object {
  return {
    kind: 'youtube#comment',
    id,
    snippet: {
      videoId: video_id,
      ...(parent_id !== null && { parentId: parent_id }),
      ...(author !== undefined && { authorDisplayName: author }),
      authorChannelId: { value: author_id },
      textOriginal: text,
      textDisplay: text,
      publishedAt: new Date(at).toISOString(),
    },
  };
}
