import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { requireChange } from '../../../../actions/changes.js';
import { Flag, Integer, List, Text } from '../../../../actions/fields.js';
import { changeThing } from '../../changes.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';

class UpdateChannelSection {
  @YouTubeId('Id of the section', { example: 'section-sandbox-1' })
  section_id!: string;

  @Text('Its title', { optional: true, visible: true, max: 100 })
  title?: string;

  @Integer('Its place, from 0', { optional: true, min: 0, max: 9 })
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

class UpdateChannelSectionResult {
  @Flag('The section is changed')
  section_updated!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/channelSections/update */
export const updateChannelSection = youtubeAction({
  type: 'update_channel_section',
  group: 'account',
  summary: 'Change a section of the page of the channel, and leave the rest of it',
  docs: 'https://developers.google.com/youtube/v3/docs/channelSections/update',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `youtube:sections:${account.id}`,
  check: ({ title, position, playlists, channels }) =>
    requireChange({ title, position, playlists, channels }),
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['channelSections.update'],
  input: UpdateChannelSection,
  output: UpdateChannelSectionResult,
  run: async ({ section_id, title, position, playlists, channels }, _context, upstream) => {
    await changeThing<youtube_v3.Schema$ChannelSection>(upstream, {
      what: 'section',
      id: section_id,
      read: (youtube) =>
        youtube.channelSections.list({ part: ['snippet', 'contentDetails'], id: [section_id] }),
      placeholder: { snippet: { type: 'singlePlaylist', position: 0 }, contentDetails: {} },
      write: ({ snippet, contentDetails }) => {
        const { type, title: oldTitle, position: oldPosition } = snippet ?? {};
        return (youtube) =>
          youtube.channelSections.update({
            part: ['snippet', 'contentDetails'],
            requestBody: {
              id: section_id,
              snippet: { type, title: title ?? oldTitle, position: position ?? oldPosition },
              contentDetails: {
                ...contentDetails,
                ...(playlists && { playlists }),
                ...(channels && { channels }),
              },
            },
          });
      },
    });
    return { section_updated: true };
  },
  example: {
    input: { section_id: 'section-sandbox-1', position: 1 },
    output: { section_updated: true },
  },
});
