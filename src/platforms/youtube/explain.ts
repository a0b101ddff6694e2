import type { FieldViolation } from '../../actions/failures.js';

/** What a refusal is about: the first of these fields that the action has, and what to do. */
interface Explanation {
  readonly fields: readonly string[];
  readonly message: string;
}

/** Things that belong to a channel. */
const OWNED = [
  'broadcast_id',
  'stream_id',
  'video_id',
  'playlist_id',
  'playlist_item_id',
  'comment_id',
  'caption_id',
  'section_id',
  'image_id',
];

/**
 * By the reason that YouTube gives.
 * @see https://developers.google.com/youtube/v3/docs/errors
 * @see https://developers.google.com/youtube/v3/live/docs/errors
 */
const EXPLANATIONS: ReadonlyMap<string, Explanation> = new Map([
  [
    'forbidden',
    {
      fields: OWNED,
      message:
        'may belong to another channel: name one of the account, or act as the channel that owns it',
    },
  ],
  ['videoNotFound', { fields: ['video_id'], message: 'is not known: list_videos tells the ids' }],
  [
    'playlistNotFound',
    { fields: ['playlist_id'], message: 'is not known: list_playlists tells the ids' },
  ],
  [
    'liveBroadcastNotFound',
    { fields: ['broadcast_id'], message: 'is not known: list_broadcasts tells the ids' },
  ],
  [
    'liveStreamNotFound',
    { fields: ['stream_id'], message: 'is not known: list_streams tells the ids' },
  ],
  [
    'redundantTransition',
    {
      fields: ['status'],
      message: 'is the status that the broadcast has already: nothing is to do',
    },
  ],
  [
    'invalidTransition',
    {
      fields: ['status'],
      message:
        'cannot follow the present status, which list_broadcasts tells: bind a stream first, then go to testing if the broadcast has a monitor stream, then to live, then to complete',
    },
  ],
  [
    'errorStreamInactive',
    {
      fields: ['broadcast_id'],
      message:
        'is bound to a stream that receives nothing: start the encoder, and wait until list_streams tells active',
    },
  ],
  [
    'liveBroadcastBindingNotAllowed',
    { fields: ['broadcast_id'], message: 'is on air or over: bind its stream before that' },
  ],
  [
    'liveBroadcastDeletionNotAllowed',
    {
      fields: ['broadcast_id'],
      message: 'is on air: bring it to complete with update_broadcast_status first',
    },
  ],
  [
    'liveStreamDeletionNotAllowed',
    {
      fields: ['stream_id'],
      message: 'is bound to a broadcast: delete the broadcast or unbind it first',
    },
  ],
  [
    'invalidState',
    {
      fields: ['broadcast_id'],
      message: 'must be on air: bring it to live with update_broadcast_status first',
    },
  ],
]);

/** What a refusal with this reason is about, in an action with these fields. */
export function explainReason(
  reason: string,
  fields: ReadonlySet<string>,
): FieldViolation | undefined {
  const explanation = EXPLANATIONS.get(reason);
  const field = explanation?.fields.find((name) => fields.has(name));
  return explanation && field !== undefined ? { field, message: explanation.message } : undefined;
}
