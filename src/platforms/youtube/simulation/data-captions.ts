import { isRecord } from '../../../sandbox/exchange.js';
import { type DataCall, DataRefusal, type DataResult, type DataRoutes } from './data-call.js';
import { describeCaption } from './resources.js';
import { FORCE_SSL } from './scopes.js';
import type { Parts, Stored } from './resources.js';
import {
  changeStored,
  requireStored,
  showStored,
  type StoredKind,
  storedRoutes,
} from './stored.js';

/** The tracks of captions of videos. @see https://developers.google.com/youtube/v3/docs/captions */
export const CAPTION: StoredKind = {
  path: '/captions',
  name: 'caption',
  shelf: ({ captions }) => captions,
  missing: 'captionNotFound',
  units: 50,
  scopes: { read: [FORCE_SSL], write: [FORCE_SSL] },
  filter: (call) => {
    const video = call.requireVideo(call.requireQuery('videoId'));
    const ids = call.readList('id');
    return ({ id, parts }) =>
      parts['snippet']?.['videoId'] === video.id && (ids.length === 0 || ids.includes(id));
  },
  complete: completeCaption,
  isUploaded: true,
  isWhole: true,
};

/** The images of playlists. @see https://developers.google.com/youtube/v3/docs/playlistImages */
export const PLAYLIST_IMAGE: StoredKind = {
  path: '/playlistImages',
  name: 'playlistImage',
  shelf: ({ images }) => images,
  missing: 'playlistImageNotFound',
  units: 50,
  filter: (call) => {
    const parent = call.readQuery('parent');
    return ({ parts }) => parent === undefined || parts['snippet']?.['playlistId'] === parent;
  },
  complete: completeImage,
  isUploaded: true,
};

/** Captions and images are inserted by uploads; a caption can be changed without its file. */
export const CAPTION_ROUTES: DataRoutes = {
  ...storedRoutes(CAPTION),
  ...storedRoutes(PLAYLIST_IMAGE),
  'PUT /captions': { scopes: [FORCE_SSL], units: 450, handle: updateCaption },
};

function updateCaption(call: DataCall): DataResult {
  const old = requireStored(call, CAPTION, call.body.requireText('id', 'idRequired'));
  return showStored(CAPTION, changeStored(call, CAPTION, old, completeCaption(call, old)));
}

function completeCaption(call: DataCall, old?: Stored): Parts {
  const sent = call.body.within('snippet');
  const isDraft = sent.values['isDraft'];
  if (old) {
    const draft = isDraft === undefined ? old.parts['snippet']?.['isDraft'] : isDraft === true;
    const lastUpdated = new Date(call.world.now()).toISOString();
    return { snippet: { ...old.parts['snippet'], isDraft: draft, lastUpdated } };
  }
  const video = call.requireVideo(sent.requireText('videoId', 'videoIdRequired'));
  call.requireSelf(video.channel_id);
  const language = sent.requireText('language', 'languageRequired');
  const name = sent.readText('name');
  if (name === undefined) throw new DataRefusal(400, 'nameRequired', 'The name must be given.');
  if ([...name].length > 150)
    throw new DataRefusal(400, 'nameTooLong', 'The name must have at most 150 characters.');
  const known = call.world.captions.list(({ parts }) => {
    const { snippet = {} } = parts;
    return (
      snippet['videoId'] === video.id &&
      snippet['language'] === language &&
      snippet['name'] === name
    );
  });
  if (known.length > 0)
    throw new DataRefusal(409, 'captionExists', 'The video has a track of this language and name.');
  return { snippet: describeCaption(video.id, language, name, isDraft === true) };
}

function completeImage(call: DataCall, old?: Stored): Parts {
  const snippet = call.body.within('snippet');
  const playlist = call.requirePlaylist(snippet.requireText('playlistId', 'playlistIdRequired'));
  call.requireSelf(playlist.channel_id);
  const has = call.world.images.list(
    ({ id, parts }) => parts['snippet']?.['playlistId'] === playlist.id && id !== old?.id,
  );
  if (has.length > 0)
    throw new DataRefusal(400, 'maxPlaylistImageExceeded', 'The playlist has its image already.');
  const { type } = snippet.values;
  if (type !== undefined && type !== 'hero')
    throw new DataRefusal(
      400,
      'invalid',
      `Invalid value at "type": ${isRecord(type) ? '' : String(type)}`,
    );
  return { snippet: { playlistId: playlist.id, type: 'hero', width: 1280, height: 1280 } };
}
