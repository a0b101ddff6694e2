import { refuseCredentials } from './credentials.js';
import type { EarlierAnswer, EarlierFact, EarlierRequest } from './fact.js';

const CHANNEL = { channel_id: '{yt_channel}' };
const PERSON = { live_chat_id: '{live_chat}', target_channel_id: '{yt_viewer}' };

type More = Partial<Pick<EarlierFact, 'fault' | 'now' | 'path'>> & {
  readonly asked?: Partial<EarlierRequest>;
};

function rest(
  at: string,
  what: string,
  body: unknown,
  was: EarlierAnswer,
  { asked, ...more }: More = {},
): EarlierFact {
  return { service: 'youtube', door: 'REST', at, what, asked: { body, ...asked }, was, ...more };
}

const said = (
  message: string,
  more: object = {},
  calls: readonly string[] = [],
  sent?: Record<string, unknown>,
): EarlierAnswer => ({
  status: 200,
  body: { success: true, message, ...more },
  calls,
  ...(sent && { sent }),
});
const failed = (message: string, calls: readonly string[] = []): EarlierAnswer => ({
  status: 200,
  body: { success: false, message },
  calls,
});

/** One operation: its RPC and route, what it is asked with, and what it did. */
interface Operation {
  readonly rpc: string;
  readonly at: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly message: string;
  readonly call: string;
  readonly sent?: Record<string, unknown>;
  /** Members of the answer over REST, and over gRPC. */
  readonly restMembers?: object;
  readonly grpcMembers?: object;
  readonly topic: string;
  readonly now?: EarlierFact['now'];
}

const OPERATIONS: readonly Operation[] = [
  {
    rpc: 'SendLiveChatMessage',
    at: 'POST /api/v1/chat/send',
    body: { live_chat_id: '{live_chat}', message: 'hello' },
    message: 'Message sent successfully',
    call: 'POST /liveChat/messages',
    sent: {
      snippet: {
        liveChatId: '{live_chat}',
        type: 'textMessageEvent',
        textMessageDetails: { messageText: 'hello' },
      },
    },
    restMembers: { message_id: '<id>' },
    topic: 'chat',
  },
  {
    rpc: 'DeleteLiveChatMessage',
    at: 'POST /api/v1/chat/delete',
    body: { message_id: '{yt_message}' },
    message: 'Message deleted successfully',
    call: 'DELETE /liveChat/messages',
    sent: { id: '{yt_message}' },
    topic: 'chat',
  },
  {
    rpc: 'BanLiveChatUser',
    at: 'POST /api/v1/chat/ban',
    body: { ...PERSON, duration_seconds: 60 },
    message: 'User banned successfully',
    call: 'POST /liveChat/bans',
    sent: {
      snippet: {
        liveChatId: '{live_chat}',
        type: 'temporary',
        bannedUserDetails: { channelId: '{yt_viewer}' },
      },
    },
    topic: 'chat',
  },
  {
    rpc: 'AddModerator',
    at: 'POST /api/v1/moderator/add',
    body: PERSON,
    message: 'Moderator added successfully',
    call: 'POST /liveChat/moderators',
    sent: {
      snippet: { liveChatId: '{live_chat}', moderatorDetails: { channelId: '{yt_viewer}' } },
    },
    topic: 'chat',
  },
  {
    rpc: 'RemoveModerator',
    at: 'POST /api/v1/moderator/remove',
    body: { live_chat_id: '{live_chat}', target_channel_id: '{yt_moderator}' },
    message: 'Moderator removed successfully',
    call: 'DELETE /liveChat/moderators',
    topic: 'chat',
  },
  {
    rpc: 'UpdateVideoTitle',
    at: 'PUT /api/v1/video/title',
    body: { video_id: '{video}', title: 'T' },
    message: 'Video title updated successfully',
    call: 'PUT /videos',
    sent: { id: '{video}', snippet: { title: 'T' } },
    topic: 'video',
  },
  {
    rpc: 'UpdateVideoDescription',
    at: 'PUT /api/v1/video/description',
    body: { video_id: '{video}', description: 'D' },
    message: 'Video description updated',
    call: 'PUT /videos',
    sent: { id: '{video}', snippet: { description: 'D' } },
    topic: 'video',
  },
  {
    rpc: 'AddToPlaylist',
    at: 'POST /api/v1/playlist/add',
    body: { playlist_id: '{playlist}', video_id: '{video}' },
    message: 'Video added to playlist',
    call: 'POST /playlistItems',
    sent: {
      snippet: {
        playlistId: '{playlist}',
        resourceId: { kind: 'youtube#video', videoId: '{video}' },
      },
    },
    topic: 'playlist',
  },
  {
    rpc: 'RemoveFromPlaylist',
    at: 'POST /api/v1/playlist/remove',
    body: { playlist_item_id: '{playlist_item}' },
    message: 'Video removed from playlist',
    call: 'DELETE /playlistItems',
    sent: { id: '{playlist_item}' },
    topic: 'playlist',
  },
  {
    rpc: 'CreatePlaylist',
    at: 'POST /api/v1/playlist/create',
    body: { title: 'Mine', description: 'D', privacy: 'unlisted' },
    message: 'Playlist created successfully',
    call: 'POST /playlists',
    sent: { snippet: { title: 'Mine', description: 'D' }, status: { privacyStatus: 'unlisted' } },
    restMembers: { playlist_id: '<id>' },
    grpcMembers: { playlist_id: '<id>' },
    topic: 'playlist',
  },
  {
    rpc: 'UpdateBroadcastStatus',
    at: 'PUT /api/v1/broadcast/status',
    body: { broadcast_id: '{broadcast}', status: 'complete' },
    message: 'Broadcast status updated to complete',
    call: 'POST /liveBroadcasts/transition',
    sent: { id: '{broadcast}', broadcastStatus: 'complete' },
    topic: 'broadcast',
  },
  {
    rpc: 'PostComment',
    at: 'POST /api/v1/comment/post',
    body: { video_id: '{video}', text: 'First' },
    message: 'Comment posted successfully',
    call: 'POST /commentThreads',
    sent: {
      snippet: { videoId: '{video}', topLevelComment: { snippet: { textOriginal: 'First' } } },
    },
    topic: 'comment',
  },
  {
    rpc: 'ReplyToComment',
    at: 'POST /api/v1/comment/reply',
    body: { parent_id: '{comment}', text: 'Second' },
    message: 'Reply posted successfully',
    call: 'POST /comments',
    sent: { snippet: { parentId: '{comment}', textOriginal: 'Second' } },
    topic: 'comment',
  },
  {
    rpc: 'DeleteComment',
    at: 'DELETE /api/v1/comment/delete',
    body: { comment_id: '{comment}' },
    message: 'Comment deleted successfully',
    call: 'DELETE /comments',
    sent: { id: '{comment}' },
    topic: 'comment',
  },
  {
    rpc: 'SetCommentModeration',
    at: 'PUT /api/v1/comment/moderate',
    body: { comment_id: '{comment}', status: 'published' },
    message: 'Comment moderation set to published',
    call: 'POST /comments/setModerationStatus',
    sent: { id: '{comment}', moderationStatus: 'published' },
    topic: 'comment',
  },
];

const NOBODY = 'UCnobodyIsConnectedHere01';

const DONE: readonly EarlierFact[] = OPERATIONS.flatMap(
  ({ rpc, at, body, message, call, sent, restMembers = {}, grpcMembers = {} }): EarlierFact[] => [
    rest(
      at,
      'what its request names',
      { ...CHANNEL, ...body },
      said(message, restMembers, [call], sent),
    ),
    rest(
      at,
      'a channel that is not connected',
      { ...body, channel_id: NOBODY },
      failed(`No OAuth credentials for channel: ${NOBODY}`),
    ),
    rest(
      at,
      'YouTube forbids it',
      { ...CHANNEL, ...body },
      failed('YouTube API error: 403', [call]),
      {
        fault: {
          status: 403,
          body: { error: { code: 403, message: 'no', errors: [{ reason: 'forbidden' }] } },
        },
      },
    ),
    {
      service: 'youtube',
      door: 'gRPC',
      at: rpc,
      what: 'what its request names',
      asked: { body: { ...CHANNEL, ...body } },
      was: {
        body: { success: true, message, ...grpcMembers },
        calls: [call],
        ...(sent && { sent }),
      },
    },
    {
      service: 'youtube',
      door: 'gRPC',
      at: rpc,
      what: 'a channel that is not connected',
      asked: { body: { ...body, channel_id: NOBODY } },
      was: { body: { success: false, message: `No OAuth credentials for channel: ${NOBODY}` } },
    },
  ],
);

const TOKEN = 'POST /api/v1/token/generate';
const OPEN = { asked: { token: null } } as const;

const CASES: readonly EarlierFact[] = [
  rest(
    'POST /api/v1/chat/ban',
    'without a duration, for good',
    { ...CHANNEL, ...PERSON },
    said('User banned successfully', {}, ['POST /liveChat/bans'], {
      snippet: { type: 'permanent' },
    }),
  ),
  rest(
    'POST /api/v1/chat/ban',
    'a duration of zero, for good',
    { ...CHANNEL, ...PERSON, duration_seconds: 0 },
    said('User banned successfully', {}, ['POST /liveChat/bans'], {
      snippet: { type: 'permanent' },
    }),
  ),
  rest(
    'POST /api/v1/chat/unban',
    'somebody who was banned here',
    { ...CHANNEL, live_chat_id: '{live_chat}', target_channel_id: '{yt_banned}' },
    failed("'Resource' object has no attribute 'list'"),
    {
      now: {
        verdict: 'better',
        why: 'It failed always, since YouTube lists no bans; bans that were made here are remembered.',
        answer: said('User unbanned successfully', {}, ['DELETE /liveChat/bans']),
      },
    },
  ),
  rest(
    'POST /api/v1/chat/unban',
    'somebody who is not banned',
    { ...CHANNEL, ...PERSON },
    failed("'Resource' object has no attribute 'list'"),
    {
      now: {
        verdict: 'better',
        why: 'The message is the one that was meant.',
        answer: failed('User ban not found'),
      },
    },
  ),
  {
    service: 'youtube',
    door: 'gRPC',
    at: 'UnbanLiveChatUser',
    what: 'somebody who is not banned',
    asked: { body: { ...CHANNEL, ...PERSON } },
    was: { body: { success: false, message: '<text>' } },
    now: {
      verdict: 'better',
      why: 'The message is the one that was meant.',
      answer: { body: { success: false, message: 'User ban not found' } },
    },
  },
  rest(
    'POST /api/v1/moderator/remove',
    'somebody who is no moderator',
    { ...CHANNEL, ...PERSON },
    failed('Moderator not found'),
  ),
  rest(
    'PUT /api/v1/video/title',
    'a video that there is not',
    { ...CHANNEL, video_id: 'nothing-here', title: 'T' },
    failed('Video not found'),
  ),
  rest(
    'PUT /api/v1/video/description',
    'a video that there is not',
    { ...CHANNEL, video_id: 'nothing-here', description: 'D' },
    failed('Video not found'),
  ),
  rest(
    'POST /api/v1/playlist/create',
    'a title alone',
    { ...CHANNEL, title: 'Mine' },
    said('Playlist created successfully', { playlist_id: '<id>' }, ['POST /playlists'], {
      status: { privacyStatus: 'private' },
    }),
  ),
  rest(
    'PUT /api/v1/broadcast/status',
    'a status that there is not',
    { ...CHANNEL, broadcast_id: '{broadcast}', status: 'paused' },
    failed('Invalid status: paused'),
  ),
  rest(
    'PUT /api/v1/broadcast/status',
    'testing',
    { ...CHANNEL, broadcast_id: '{broadcast}', status: 'testing' },
    failed('Invalid status: testing'),
    {
      now: {
        verdict: 'better',
        why: 'YouTube has this status; a broadcast that is on air cannot go back to it.',
        answer: failed('~^YouTube API error: 40', ['POST /liveBroadcasts/transition']),
      },
    },
  ),
  rest(
    'POST /api/v1/broadcast/cuepoint',
    'without a duration',
    { ...CHANNEL, broadcast_id: '{broadcast}' },
    said('Ad break inserted successfully'),
    {
      now: {
        verdict: 'better',
        why: 'It showed a slate; an advertisement is inserted.',
        answer: said('Ad break inserted successfully', {}, ['POST /liveBroadcasts/cuepoint'], {
          cueType: 'cueTypeAd',
        }),
      },
    },
  ),
  rest(
    'POST /api/v1/broadcast/cuepoint',
    'a duration',
    { ...CHANNEL, broadcast_id: '{broadcast}', duration_seconds: 60 },
    said('Ad break inserted successfully'),
    {
      now: {
        verdict: 'better',
        why: 'The duration was not looked at.',
        answer: said('Ad break inserted successfully', {}, ['POST /liveBroadcasts/cuepoint'], {
          durationSecs: 60,
        }),
      },
    },
  ),
  {
    service: 'youtube',
    door: 'gRPC',
    at: 'InsertCuepoint',
    what: 'a duration',
    asked: { body: { ...CHANNEL, broadcast_id: '{broadcast}', duration_seconds: 60 } },
    was: { body: { success: true, message: 'Ad break inserted successfully' } },
    now: {
      verdict: 'better',
      why: 'It showed a slate; an advertisement is inserted.',
      answer: {
        body: { success: true, message: 'Ad break inserted successfully' },
        calls: ['POST /liveBroadcasts/cuepoint'],
      },
    },
  },
  rest(
    'POST /api/v1/chat/send',
    'a text that is longer than YouTube takes',
    { ...CHANNEL, live_chat_id: '{live_chat}', message: 'x'.repeat(201) },
    failed('YouTube API error: 400', ['POST /liveChat/messages']),
    {
      now: {
        verdict: 'better',
        why: 'It is refused in the same words, and not sent.',
        answer: failed('YouTube API error: 400'),
      },
    },
  ),
  rest(
    'POST /api/v1/chat/send',
    'an empty object',
    {},
    failed('No OAuth credentials for channel: None'),
    {
      now: {
        verdict: 'better',
        why: 'The missing field is named.',
        answer: failed('~channel_id: is missing'),
      },
    },
  ),
  rest(
    'POST /api/v1/comment/post',
    'without a text',
    { ...CHANNEL, video_id: '{video}' },
    failed('YouTube API error: 400', ['POST /commentThreads']),
    {
      now: {
        verdict: 'better',
        why: 'The missing field is named, and nothing is sent.',
        answer: failed('~^text: is missing'),
      },
    },
  ),
  rest(
    'PUT /api/v1/comment/moderate',
    'a status that there is not',
    { ...CHANNEL, comment_id: '{comment}', status: 'gone' },
    failed('YouTube API error: 400', ['POST /comments/setModerationStatus']),
    {
      now: {
        verdict: 'better',
        why: 'The wrong field is named, and nothing is sent.',
        answer: failed('~^status: must be one of'),
      },
    },
  ),
  rest(
    TOKEN,
    'the secret and a channel',
    { secret: '{secret}', ...CHANNEL },
    { status: 200, body: { success: true, token: '<text>' } },
    OPEN,
  ),
  rest(
    TOKEN,
    'the secret without a channel',
    { secret: '{secret}' },
    { status: 200, body: { success: true, token: '<text>' } },
    OPEN,
  ),
  rest(
    TOKEN,
    'a wrong secret',
    { secret: 'wrong', ...CHANNEL },
    { status: 401, body: { success: false, message: 'Invalid secret' } },
    OPEN,
  ),
  rest(
    TOKEN,
    'an empty object',
    {},
    { status: 401, body: { success: false, message: 'Invalid secret' } },
    OPEN,
  ),
  rest(
    'GET /oauth/authorize',
    'a channel as its state',
    undefined,
    { status: 200, body: { success: true, authorization_url: '<text>' } },
    { path: '/oauth/authorize?state={yt_channel}' },
  ),
  rest(
    'GET /oauth/authorize',
    'without a token',
    undefined,
    { status: 200, body: { success: true, authorization_url: '<text>' } },
    {
      path: '/oauth/authorize?state={yt_channel}',
      ...OPEN,
      now: {
        verdict: 'deliberate',
        why: 'Anybody could put a channel of theirs in the place of another; send a token of /api/v1/token/generate.',
        answer: { status: 401, body: { success: false, message: 'Missing or invalid token' } },
      },
    },
  ),
  rest(
    'GET /oauth/callback',
    'without a code',
    undefined,
    { status: 400, body: { success: false, message: 'Missing code or channel_id' } },
    OPEN,
  ),
  rest(
    'GET /oauth/callback',
    'a state that nobody asked for',
    undefined,
    { status: 500, body: { success: false, message: '<text>' } },
    {
      path: '/oauth/callback?code=x&state=UCx',
      ...OPEN,
      now: {
        verdict: 'deliberate',
        why: 'A state is made for one question; begin at /oauth/authorize.',
        answer: { status: 400, body: { success: false, message: '<text>' } },
      },
    },
  ),
  rest(
    'GET /oauth/channels',
    'the channels',
    undefined,
    {
      status: 200,
      body: {
        success: true,
        channels: [
          {
            channel_id: '{yt_channel}',
            scopes: '<any>',
            expires_at: '<any>',
            created_at: '<text>',
            updated_at: '<text>',
          },
        ],
      },
    },
    { asked: { token: 'of the channel' } },
  ),
  rest(
    'DELETE /oauth/revoke/:channel_id',
    'a channel',
    undefined,
    { status: 200, body: { success: true, message: 'Authorization revoked' } },
    { path: '/oauth/revoke/{yt_channel}' },
  ),
  rest(
    'DELETE /oauth/revoke/:channel_id',
    'a channel that is not connected',
    undefined,
    { status: 404, body: { success: false, message: 'Channel not found' } },
    { path: `/oauth/revoke/${NOBODY}`, asked: { token: 'of all channels' } },
  ),
  rest(
    'GET /health',
    'its report',
    undefined,
    {
      status: 200,
      body: {
        status: 'healthy',
        module: 'youtube_action_module',
        version: '1.0.0',
        timestamp: '<text>',
        grpc_port: 50_054,
        rest_port: 8073,
      },
    },
    OPEN,
  ),
  ...refuseCredentials(
    'youtube',
    'POST /api/v1/comment/post',
    { ...CHANNEL, video_id: '{video}', text: 'x' },
    {
      missing: { success: false, message: 'Missing or invalid token' },
      expired: { success: false, message: 'Token expired' },
      invalid: { success: false, message: 'Invalid token' },
    },
  ),
];

export const YOUTUBE_FACTS: readonly EarlierFact[] = [...DONE, ...CASES];
