import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Text } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId } from '../../youtube-request.js';
import { requireChannel } from './validate-credentials.js';

class RefreshToken {}

class RefreshedToken {
  @YouTubeId('Id of the channel that the new token acts as')
  channel_id!: string;

  @Text('When the new token ends; left out where Google does not say', { optional: true })
  expires_at?: string;
}

/**
 * Renews the access token of an account before its time, and asks YouTube with the new one whose it is.
 * @see https://developers.google.com/identity/protocols/oauth2/web-server#offline
 */
export const refreshToken = youtubeAction({
  type: 'refresh_token',
  group: 'account',
  summary: 'Renew the access token of an account now',
  docs: 'https://developers.google.com/identity/protocols/oauth2/web-server#offline',
  effect: 'read',
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['channels.list'],
  input: RefreshToken,
  output: RefreshedToken,
  run: async (_input, _context, upstream) => {
    const endsAt = await upstream.renew();
    const answer = await upstream.send<youtube_v3.Schema$ChannelListResponse>(
      buildYouTubeRequest((youtube) => youtube.channels.list({ part: ['snippet'], mine: true })),
    );
    const channel = requireChannel(answer);
    return {
      channel_id: readId(channel),
      ...(endsAt !== undefined && { expires_at: new Date(endsAt).toISOString() }),
    };
  },
  example: {
    input: {},
    output: { channel_id: 'UCsandboxDemoChannel0001', expires_at: '2026-11-20T11:10:00.000Z' },
  },
});
