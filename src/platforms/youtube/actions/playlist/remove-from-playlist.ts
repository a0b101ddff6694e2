import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { ActionFailure } from '../../../../actions/failures.js';
import { Flag, Integer } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { askYouTube, readId, readItems, tellYouTube } from '../../youtube-request.js';

class RemoveFromPlaylist {
  @YouTubeId('Id of the place in the playlist, as add_to_playlist gave it', {
    optional: true,
    example: 'item-sandbox-1',
  })
  playlist_item_id?: string;

  @YouTubeId('Id of the playlist, together with video_id', {
    optional: true,
    example: 'PLsandboxPlaylist1',
  })
  playlist_id?: string;

  @YouTubeId('Id of the video, together with playlist_id', {
    optional: true,
    example: 'sandboxVid1',
  })
  video_id?: string;
}

class RemovedFromPlaylist {
  @Flag('The video is taken out, at one place')
  removed!: boolean;

  @YouTubeId('Id of that place')
  playlist_item_id!: string;

  @Integer('How often the video is still in the playlist; told when it was looked up', {
    optional: true,
  })
  occurrences_left?: number;
}

/** @see https://developers.google.com/youtube/v3/docs/playlistItems/delete */
export const removeFromPlaylist = youtubeAction({
  type: 'remove_from_playlist',
  group: 'playlist',
  summary: 'Take a video out of a playlist, at one place',
  docs: 'https://developers.google.com/youtube/v3/docs/playlistItems/delete',
  effect: 'delete',
  order: ({ account }, { playlist_id }) => `youtube:playlist:${playlist_id ?? account.id}`,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['playlistItems.delete'],
  input: RemoveFromPlaylist,
  output: RemovedFromPlaylist,
  check: ({ playlist_item_id, playlist_id, video_id }) => {
    const byVideo = [playlist_id, video_id].filter((given) => given !== undefined).length;
    const isRight = playlist_item_id === undefined ? byVideo === 2 : byVideo === 0;
    if (isRight) return [];
    const message = 'give it alone, or playlist_id and video_id together';
    return [{ field: 'playlist_item_id', message }];
  },
  run: async ({ playlist_item_id, playlist_id = '', video_id = '' }, _context, upstream) => {
    const [id, ...others] =
      playlist_item_id === undefined ? await findPlaces() : [playlist_item_id];
    if (id === undefined) {
      throw new ActionFailure('NOT_FOUND', `${video_id} is not in the playlist ${playlist_id}`);
    }
    await tellYouTube(upstream, (youtube) => youtube.playlistItems.delete({ id }));
    return {
      removed: true,
      playlist_item_id: id,
      ...(playlist_item_id === undefined && { occurrences_left: others.length }),
    };

    /** @see https://developers.google.com/youtube/v3/docs/playlistItems/list */
    async function findPlaces(): Promise<string[]> {
      const places = await askYouTube(
        upstream,
        (youtube) =>
          youtube.playlistItems.list({
            part: ['id'],
            playlistId: playlist_id,
            videoId: video_id,
            maxResults: 50,
          }),
        { items: [{ id: `<place of ${video_id} in the playlist>` }] },
      );
      return readItems<youtube_v3.Schema$PlaylistItem>(places).map(readId);
    }
  },
  example: {
    input: { playlist_id: 'PLsandboxPlaylist1', video_id: 'sandboxVid1' },
    output: { removed: true, playlist_item_id: 'item-sandbox-1', occurrences_left: 0 },
  },
});
