import { requireChange } from '../../../../actions/changes.js';
import { Flag, Text } from '../../../../actions/fields.js';
import { readBranding, writeBranding } from '../../branding.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { LANGUAGE, WITHOUT_ANGLES, youtubeAction, YouTubeId } from '../../youtube-action.js';

class UpdateChannel {
  @Text('Its description; longer ones are refused by YouTube', {
    optional: true,
    min: 0,
    max: 1000,
    ...WITHOUT_ANGLES,
  })
  description?: string;

  @Text('Words that it is found by, separated by spaces', { optional: true, min: 0, max: 500 })
  keywords?: string;

  @Text('Its country as two letters', {
    optional: true,
    pattern: /^[A-Z]{2}$/,
    patternMeans: 'a country of ISO 3166, such as DE',
  })
  country?: string;

  @Text('Language of its texts, such as en or de-AT', { optional: true, ...LANGUAGE })
  default_language?: string;

  @YouTubeId('The video that people see who have not subscribed', { optional: true })
  trailer_video_id?: string;
}

class UpdateChannelResult {
  @Flag('The channel is changed')
  channel_updated!: boolean;
}

/** That a description has at most 1000 characters is unverified; of keywords 500 are documented. @see https://developers.google.com/youtube/v3/docs/channels/update */
export const updateChannel = youtubeAction({
  type: 'update_channel',
  group: 'account',
  summary:
    'Change the description, keywords, country, language or trailer of the channel, and leave the rest',
  docs: 'https://developers.google.com/youtube/v3/docs/channels/update',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `youtube:channel:${account.id}`,
  check: (changes) => requireChange({ ...changes }),
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['channels.update'],
  input: UpdateChannel,
  output: UpdateChannelResult,
  run: async (
    { description, keywords, country, default_language, trailer_video_id },
    { account },
    upstream,
  ) => {
    const kept = await readBranding(account.id, upstream);
    const channel = {
      ...kept.channel,
      ...(description !== undefined && { description }),
      ...(keywords !== undefined && { keywords }),
      ...(country !== undefined && { country }),
      ...(default_language !== undefined && { defaultLanguage: default_language }),
      ...(trailer_video_id !== undefined && { unsubscribedTrailer: trailer_video_id }),
    };
    await writeBranding(account.id, { ...kept, channel }, upstream);
    return { channel_updated: true };
  },
  example: { input: { description: 'Games, every Sunday' }, output: { channel_updated: true } },
});
