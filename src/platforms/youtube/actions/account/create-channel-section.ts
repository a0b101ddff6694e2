import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Choice, Flag, Integer, List, Text } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId } from '../../youtube-request.js';

class CreateChannelSection {
  @Choice(
    'What it shows',
    [
      'singlePlaylist',
      'multiplePlaylists',
      'popularUploads',
      'recentUploads',
      'likes',
      'allPlaylists',
      'likedPlaylists',
      'recentPosts',
      'recentActivity',
      'liveEvents',
      'upcomingEvents',
      'completedEvents',
      'multipleChannels',
      'postedVideos',
      'postedPlaylists',
      'subscriptions',
    ],
    { example: 'singlePlaylist' },
  )
  type!: string;

  @Text('Its title, for sections of several things', { optional: true, visible: true, max: 100 })
  title?: string;

  @Integer('Its place, from 0; left out, the last', { optional: true, min: 0, max: 9 })
  position?: number;

  @List('Ids of the playlists that it shows', {
    optional: true,
    maxItems: 50,
    maxLength: 512,
    pattern: /^[A-Za-z0-9_.=-]+$/,
    patternMeans: 'an id of YouTube',
  })
  playlists?: string[];

  @List('Ids of the channels that it shows', {
    optional: true,
    maxItems: 50,
    maxLength: 512,
    pattern: /^[A-Za-z0-9_.=-]+$/,
    patternMeans: 'an id of YouTube',
  })
  channels?: string[];
}

class CreateChannelSectionResult {
  @Flag('The section is there')
  section_created!: boolean;

  @YouTubeId('Id of the section')
  section_id!: string;
}

/** That a title has at most 100 characters is unverified. @see https://developers.google.com/youtube/v3/docs/channelSections/insert */
export const createChannelSection = youtubeAction({
  type: 'create_channel_section',
  group: 'account',
  summary: 'Add a section to the page of the channel',
  docs: 'https://developers.google.com/youtube/v3/docs/channelSections/insert',
  effect: 'create',
  order: ({ account }) => `youtube:sections:${account.id}`,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['channelSections.insert'],
  input: CreateChannelSection,
  output: CreateChannelSectionResult,
  request: ({ type, title, position, playlists, channels }) =>
    buildYouTubeRequest((youtube) =>
      youtube.channelSections.insert({
        part: ['snippet', 'contentDetails'],
        requestBody: {
          snippet: {
            type,
            ...(title !== undefined && { title }),
            ...(position !== undefined && { position }),
          },
          ...((playlists ?? channels) && {
            contentDetails: { ...(playlists && { playlists }), ...(channels && { channels }) },
          }),
        },
      }),
    ),
  response: (made: youtube_v3.Schema$ChannelSection) => ({
    section_created: true,
    section_id: readId(made),
  }),
  example: {
    input: { type: 'singlePlaylist', playlists: ['PLsandboxPlaylist1'] },
    output: { section_created: true, section_id: 'section-sandbox-3' },
  },
});
