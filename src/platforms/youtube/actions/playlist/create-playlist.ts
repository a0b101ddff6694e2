import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Choice, Flag, Text } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { WITHOUT_ANGLES, youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId } from '../../youtube-request.js';

class CreatePlaylist {
  // 150 characters, and 5000 for the description, is what is accepted in practice (unverified).
  @Text('Title of the playlist', {
    visible: true,
    max: 150,
    example: 'Best of Sunday',
    ...WITHOUT_ANGLES,
  })
  title!: string;

  @Text('What it is about', { min: 0, max: 5000, default: '', ...WITHOUT_ANGLES })
  description!: string;

  @Choice('Who sees it', ['private', 'unlisted', 'public'], { default: 'private' })
  privacy!: 'private' | 'unlisted' | 'public';
}

class CreatedPlaylist {
  @Flag('The playlist exists')
  playlist_created!: boolean;

  @YouTubeId('Id of the playlist')
  playlist_id!: string;
}

/** @see https://developers.google.com/youtube/v3/docs/playlists/insert */
export const createPlaylist = youtubeAction({
  type: 'create_playlist',
  group: 'playlist',
  summary: 'Create a playlist',
  docs: 'https://developers.google.com/youtube/v3/docs/playlists/insert',
  effect: 'create',
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['playlists.insert'],
  input: CreatePlaylist,
  output: CreatedPlaylist,
  request: ({ title, description, privacy }) =>
    buildYouTubeRequest((youtube) =>
      youtube.playlists.insert({
        part: ['snippet', 'status'],
        requestBody: { snippet: { title, description }, status: { privacyStatus: privacy } },
      }),
    ),
  response: (made: youtube_v3.Schema$Playlist) => ({
    playlist_created: true,
    playlist_id: readId(made),
  }),
  example: {
    input: { title: 'Best of Sunday', privacy: 'unlisted' } as CreatePlaylist,
    output: { playlist_created: true, playlist_id: 'PLsandboxPlaylist2' },
  },
});
