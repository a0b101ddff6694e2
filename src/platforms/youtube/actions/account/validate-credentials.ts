import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { ActionFailure } from '../../../../actions/failures.js';
import { Flag, Text } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId, readItems } from '../../youtube-request.js';

class ValidateCredentials {}

class ValidatedCredentials {
  @YouTubeId('Id of the channel that the credentials act as')
  channel_id!: string;

  @Text('Its name', { min: 0 })
  title!: string;

  @Flag('It is the channel of this account')
  is_account!: boolean;
}

/**
 * The one channel of an answer.
 * @throws ActionFailure REFUSED for a Google account without a channel
 */
export function requireChannel(
  answer: youtube_v3.Schema$ChannelListResponse,
): youtube_v3.Schema$Channel {
  const [channel] = readItems<youtube_v3.Schema$Channel>(answer);
  if (channel) return channel;
  throw new ActionFailure('REFUSED', 'The credentials are of a Google account without a channel', {
    platformStatus: 200,
    platformCode: 'NO_CHANNEL',
  });
}

/** @see https://developers.google.com/youtube/v3/docs/channels/list */
export const validateCredentials = youtubeAction({
  type: 'validate_credentials',
  group: 'account',
  summary: 'Ask YouTube which channel the credentials of an account belong to',
  docs: 'https://developers.google.com/youtube/v3/docs/channels/list',
  effect: 'read',
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['channels.list'],
  input: ValidateCredentials,
  output: ValidatedCredentials,
  request: () =>
    buildYouTubeRequest((youtube) => youtube.channels.list({ part: ['snippet'], mine: true })),
  response: (answer: youtube_v3.Schema$ChannelListResponse, _input, { account }) => {
    const channel = requireChannel(answer);
    const channel_id = readId(channel);
    return {
      channel_id,
      title: channel.snippet?.title ?? '',
      is_account: channel_id === account.id,
    };
  },
  example: {
    input: {},
    output: { channel_id: 'UCsandboxDemoChannel0001', title: 'Demo Channel', is_account: true },
  },
});
