import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { requireChange } from '../../../../actions/changes.js';
import { Choice, Flag, Text } from '../../../../actions/fields.js';
import { changeThing } from '../../changes.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { orderOfPlaylist, WITHOUT_ANGLES, youtubeAction, YouTubeId } from '../../youtube-action.js';

class UpdatePlaylist {
  @YouTubeId('Id of the playlist', { example: 'PLsandboxPlaylist2' })
  playlist_id!: string;

  @Text('Its title', { optional: true, visible: true, max: 150, ...WITHOUT_ANGLES })
  title?: string;

  @Text('What it is about', { optional: true, min: 0, max: 5000, ...WITHOUT_ANGLES })
  description?: string;

  @Choice('Who sees it', ['private', 'unlisted', 'public'], { optional: true })
  privacy_status?: 'private' | 'unlisted' | 'public';
}

class UpdatePlaylistResult {
  @Flag('The playlist is changed')
  playlist_updated!: boolean;
}

/** The lengths are those of practice (unverified). @see https://developers.google.com/youtube/v3/docs/playlists/update */
export const updatePlaylist = youtubeAction({
  type: 'update_playlist',
  group: 'playlist',
  summary: 'Change a playlist, and leave the rest of it',
  docs: 'https://developers.google.com/youtube/v3/docs/playlists/update',
  effect: 'update',
  repeatable: true,
  order: orderOfPlaylist,
  check: ({ title, description, privacy_status }) =>
    requireChange({ title, description, privacy_status }),
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['playlists.update'],
  input: UpdatePlaylist,
  output: UpdatePlaylistResult,
  run: async ({ playlist_id, title, description, privacy_status }, _context, upstream) => {
    await changeThing<youtube_v3.Schema$Playlist>(upstream, {
      what: 'playlist',
      id: playlist_id,
      read: (youtube) => youtube.playlists.list({ part: ['snippet', 'status'], id: [playlist_id] }),
      placeholder: {
        snippet: { title: '<title>', description: '<description>' },
        status: { privacyStatus: 'private' },
      },
      write:
        ({ snippet, status }) =>
        (youtube) =>
          youtube.playlists.update({
            part: ['snippet', 'status'],
            requestBody: {
              id: playlist_id,
              snippet: {
                title: title ?? snippet?.title,
                description: description ?? snippet?.description,
                defaultLanguage: snippet?.defaultLanguage,
              },
              status: { ...status, privacyStatus: privacy_status ?? status?.privacyStatus },
            },
          }),
    });
    return { playlist_updated: true };
  },
  example: {
    input: { playlist_id: 'PLsandboxPlaylist2', title: 'Season two' },
    output: { playlist_updated: true },
  },
});
