import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { requireChange } from '../../../../actions/changes.js';
import { Flag, Integer, Text } from '../../../../actions/fields.js';
import { changeThing } from '../../changes.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';

class UpdatePlaylistItem {
  @YouTubeId('Id of the entry, not of its video', { example: 'item-sandbox-2' })
  playlist_item_id!: string;

  @Integer('Its place, from 0', { optional: true, min: 0 })
  position?: number;

  @Text('A note of the owner', { optional: true, min: 0, max: 280 })
  note?: string;
}

class UpdatePlaylistItemResult {
  @Flag('The entry is changed')
  playlist_item_updated!: boolean;
}

/** That a note has at most 280 characters is unverified. @see https://developers.google.com/youtube/v3/docs/playlistItems/update */
export const updatePlaylistItem = youtubeAction({
  type: 'update_playlist_item',
  group: 'playlist',
  summary: 'Move an entry of a playlist, or change its note',
  docs: 'https://developers.google.com/youtube/v3/docs/playlistItems/update',
  effect: 'update',
  repeatable: true,
  order: (_context, { playlist_item_id }) => `youtube:playlist-item:${playlist_item_id}`,
  check: ({ position, note }) => requireChange({ position, note }),
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['playlistItems.update'],
  input: UpdatePlaylistItem,
  output: UpdatePlaylistItemResult,
  run: async ({ playlist_item_id, position, note }, _context, upstream) => {
    await changeThing<youtube_v3.Schema$PlaylistItem>(upstream, {
      what: 'entry',
      id: playlist_item_id,
      read: (youtube) =>
        youtube.playlistItems.list({
          part: ['snippet', 'contentDetails'],
          id: [playlist_item_id],
        }),
      placeholder: {
        snippet: {
          playlistId: '<playlist>',
          resourceId: { kind: 'youtube#video', videoId: '<video>' },
          position: 0,
        },
        contentDetails: {},
      },
      write:
        ({ snippet, contentDetails }) =>
        (youtube) =>
          youtube.playlistItems.update({
            part: ['snippet', 'contentDetails'],
            requestBody: {
              id: playlist_item_id,
              snippet: {
                playlistId: snippet?.playlistId,
                resourceId: snippet?.resourceId,
                position: position ?? snippet?.position,
              },
              contentDetails: { note: note ?? contentDetails?.note },
            },
          }),
    });
    return { playlist_item_updated: true };
  },
  example: {
    input: { playlist_item_id: 'item-sandbox-2', position: 1 },
    output: { playlist_item_updated: true },
  },
});
