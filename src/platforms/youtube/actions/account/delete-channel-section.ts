import { Flag } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class DeleteChannelSection {
  @YouTubeId('Id of the section', { example: 'section-sandbox-2' })
  section_id!: string;
}

class DeleteChannelSectionResult {
  @Flag('The section is gone')
  section_deleted!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/channelSections/delete */
export const deleteChannelSection = youtubeAction({
  type: 'delete_channel_section',
  group: 'account',
  summary: 'Delete a section of the page of the channel',
  docs: 'https://developers.google.com/youtube/v3/docs/channelSections/delete',
  effect: 'delete',
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['channelSections.delete'],
  input: DeleteChannelSection,
  output: DeleteChannelSectionResult,
  request: ({ section_id }) =>
    buildYouTubeRequest((youtube) => youtube.channelSections.delete({ id: section_id })),
  yes: 'no body',
  response: () => ({ section_deleted: true }),
  example: { input: { section_id: 'section-sandbox-2' }, output: { section_deleted: true } },
});
