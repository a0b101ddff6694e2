import { randomBytes, randomUUID } from 'node:crypto';

import { type HelixCall, HelixRefusal, type HelixResult, type HelixRoutes } from './helix-call.js';
import { writeTime } from '../../../sandbox/exchange.js';
import { keepNewest, type Clip } from './world.js';

const BROADCAST = 'channel:manage:broadcast';
const RAIDS = 'channel:manage:raids';
const TITLE_MAX = 140;
const MARKER_MAX = 140;
const DELAY_MAX_SECONDS = 900;

/** Channels and what is made of their streams: titles, games, markers, clips, raids. */
export const CHANNEL_ROUTES: HelixRoutes = {
  'GET /channels': { app: true, handle: getChannels },
  'PATCH /channels': { scopes: [BROADCAST], handle: modifyChannel },
  'POST /streams/markers': { scopes: [BROADCAST], handle: createMarker },
  'GET /clips': { app: true, handle: getClips },
  'POST /clips': { scopes: ['clips:edit'], handle: createClip },
  'POST /raids': { scopes: [RAIDS], handle: startRaid },
  'DELETE /raids': { scopes: [RAIDS], handle: cancelRaid },
};

/**
 * Query `broadcaster_id`, body `{title?, game_id?, broadcaster_language?, delay?, tags?, …}`; answers 204.
 * @see https://dev.twitch.tv/docs/api/reference/#modify-channel-information
 */
function modifyChannel(call: HelixCall): HelixResult {
  const { body, world } = call;
  const broadcaster = call.requireId('broadcaster_id');
  call.requireSelf('broadcaster_id', broadcaster);
  const channel = world.channel(broadcaster);
  // The reference gives no maximum for titles; the 140 of the dashboard is simulated.
  const title = body.readText('title', { max: TITLE_MAX });
  if (title === '') throw new HelixRefusal(400, 'The title field may not be empty.');
  const gameId = body.readText('game_id');
  const language = body.readText('broadcaster_language');
  if (language !== undefined && !/^([a-z]{2}|other)$/.test(language))
    throw new HelixRefusal(400, 'The broadcaster_language field is not a language code.');
  const delay = body.readInteger('delay', { min: 0, max: DELAY_MAX_SECONDS });
  if (delay !== undefined && world.user(broadcaster).broadcaster_type !== 'partner')
    throw new HelixRefusal(400, 'Only partners may set a delay.');
  const tags = body.readTexts('tags');
  if (tags && (tags.length > 10 || !tags.every((tag) => /^[\p{L}\p{N}]{1,25}$/u.test(tag))))
    throw new HelixRefusal(400, 'The tags field has too many tags or one that is not valid.');
  const labels = body.readObjects('content_classification_labels')?.map((label) => ({
    id: label.requireText('id'),
    enabled: label.readFlag('is_enabled') ?? false,
  }));
  const branded = body.readFlag('is_branded_content');
  const given = [title, gameId, language, delay, tags, labels, branded];
  if (given.every((value) => value === undefined))
    throw new HelixRefusal(400, 'The request must specify at least one field to change.');

  if (title !== undefined) channel.title = title;
  if (gameId === '' || gameId === '0') channel.game_id = '';
  // An unknown game changes nothing and is no error.
  else if (gameId !== undefined && world.games.has(gameId)) channel.game_id = gameId;
  if (language !== undefined) channel.broadcaster_language = language;
  if (delay !== undefined) channel.delay = delay;
  if (tags !== undefined) channel.tags = tags;
  if (branded !== undefined) channel.is_branded_content = branded;
  for (const { id, enabled } of labels ?? []) {
    if (enabled) channel.content_labels.add(id);
    else channel.content_labels.delete(id);
  }
  return { status: 204 };
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-channel-information */
function getChannels(call: HelixCall): HelixResult {
  const { world } = call;
  call.requireId('broadcaster_id');
  const data = call.readAll('broadcaster_id').flatMap((id) => {
    const user = world.users.get(id);
    if (!user) return [];
    const channel = world.channel(id);
    return [
      {
        broadcaster_id: id,
        broadcaster_login: user.login,
        broadcaster_name: user.display_name,
        broadcaster_language: channel.broadcaster_language,
        game_id: channel.game_id,
        game_name: world.gameName(channel.game_id),
        title: channel.title,
        delay: channel.delay,
        tags: channel.tags,
        content_classification_labels: [...channel.content_labels],
        is_branded_content: channel.is_branded_content,
      },
    ];
  });
  return { value: { data } };
}

/**
 * Body `{user_id, description?}`; answers `{data: [{id, created_at, description, position_seconds}]}`.
 * @see https://dev.twitch.tv/docs/api/reference/#create-stream-marker
 */
function createMarker(call: HelixCall): HelixResult {
  const { body, world } = call;
  const broadcaster = body.requireText('user_id');
  const description = body.readText('description', { max: MARKER_MAX }) ?? '';
  const channel = call.requireChannel('user_id', broadcaster, 404);
  const editor = call.userId ?? '';
  if (editor !== broadcaster && !channel.editors.has(editor))
    throw new HelixRefusal(403, 'The user in the access token may not create markers there.');
  if (channel.live_since === null)
    throw new HelixRefusal(404, 'The user in user_id is not streaming live.');
  if (!channel.vod_enabled)
    throw new HelixRefusal(404, 'The user in user_id has not enabled video on demand.');
  const marker = {
    id: randomUUID(),
    description,
    created: world.now(),
    position_seconds: Math.floor((world.now() - channel.live_since) / 1_000),
  };
  keepNewest(channel.markers, marker);
  const { created, ...shown } = marker;
  return { value: { data: [{ ...shown, created_at: writeTime(created) }] } };
}

/**
 * Query `broadcaster_id, title?, duration?`; answers 202 `{data: [{id, edit_url}]}` and makes the clip after.
 * @see https://dev.twitch.tv/docs/api/reference/#create-clip
 */
function createClip(call: HelixCall): HelixResult {
  const { world } = call;
  const channel = call.requireChannel('broadcaster_id', call.requireId('broadcaster_id'));
  const duration = Number(call.readQuery('duration') ?? 30);
  const isTenth = Math.abs(duration * 10 - Math.round(duration * 10)) < 1e-6;
  if (!(duration >= 5 && duration <= 60 && isTenth))
    throw new HelixRefusal(400, 'The duration must be in the range 5 through 60, in tenths.');
  const creator = call.userId ?? '';
  if (world.findBan(channel, creator))
    throw new HelixRefusal(403, 'The user in the access token is banned from the channel.');
  if (!channel.clips_enabled)
    throw new HelixRefusal(403, 'The broadcaster has restricted the ability to capture clips.');
  if (channel.live_since === null)
    throw new HelixRefusal(404, 'Clipping is not possible for an offline channel.');
  const clip = world.addClip({
    id: `Sandbox${randomBytes(12).toString('base64url')}`,
    broadcaster_id: channel.broadcaster_id,
    creator_id: creator,
    title: call.readQuery('title') ?? channel.title,
    game_id: channel.game_id,
    duration,
  });
  const edit_url = `https://clips.twitch.tv/${clip.id}/edit`;
  return { status: 202, value: { data: [{ id: clip.id, edit_url }] } };
}

/** A clip that is still being made is not found. @see https://dev.twitch.tv/docs/api/reference/#get-clips */
function getClips(call: HelixCall): HelixResult {
  const { world } = call;
  const ids = call.readAll('id');
  const broadcaster = call.readQuery('broadcaster_id');
  const game = call.readQuery('game_id');
  if (ids.length === 0 && broadcaster === undefined && game === undefined)
    throw new HelixRefusal(400, 'The id, broadcaster_id or game_id query parameter is required.');
  const candidates: Iterable<Clip> =
    ids.length > 0 ? ids.flatMap((id) => world.clips.get(id) ?? []) : world.clips.values();
  const found = [...candidates]
    .filter(
      (clip) =>
        clip.ready <= world.now() &&
        (ids.length > 0 || clip.broadcaster_id === broadcaster || clip.game_id === game),
    )
    .map((clip) => ({
      id: clip.id,
      url: `https://clips.twitch.tv/${clip.id}`,
      embed_url: `https://clips.twitch.tv/embed?clip=${clip.id}`,
      broadcaster_id: clip.broadcaster_id,
      broadcaster_name: world.user(clip.broadcaster_id).display_name,
      creator_id: clip.creator_id,
      creator_name: world.user(clip.creator_id).display_name,
      video_id: '',
      game_id: clip.game_id,
      language: world.channel(clip.broadcaster_id).broadcaster_language,
      title: clip.title,
      view_count: 0,
      created_at: writeTime(clip.created),
      thumbnail_url: '',
      duration: clip.duration,
      vod_offset: null,
      is_featured: false,
    }));
  return { value: call.paginate(found, 100) };
}

/**
 * Query `from_broadcaster_id, to_broadcaster_id`; answers `{data: [{created_at, is_mature}]}`.
 * @see https://dev.twitch.tv/docs/api/reference/#start-a-raid
 */
function startRaid(call: HelixCall): HelixResult {
  const { world } = call;
  const from = call.requireId('from_broadcaster_id');
  const to = call.requireId('to_broadcaster_id');
  call.requireSelf('from_broadcaster_id', from);
  if (from === to)
    throw new HelixRefusal(
      400,
      'The IDs in from_broadcaster_id and to_broadcaster_id cannot be the same.',
    );
  const target = call.requireChannel('to_broadcaster_id', to, 404);
  call.spend('raid_start', from);
  if (!target.accepts_raids || world.findBan(target, from))
    throw new HelixRefusal(
      400,
      'The targeted channel does not accept raids from this broadcaster.',
    );
  const channel = world.channel(from);
  if (world.pendingRaid(channel))
    throw new HelixRefusal(409, 'The broadcaster is already raiding another channel.');
  const raid = { to_broadcaster_id: to, created: world.now(), cancelled: false };
  keepNewest(channel.raids, raid);
  return { value: { data: [{ created_at: writeTime(raid.created), is_mature: false }] } };
}

/** Query `broadcaster_id`; answers 204. @see https://dev.twitch.tv/docs/api/reference/#cancel-a-raid */
function cancelRaid(call: HelixCall): HelixResult {
  const broadcaster = call.requireId('broadcaster_id');
  call.requireSelf('broadcaster_id', broadcaster);
  call.spend('raid_cancel', broadcaster);
  const raid = call.world.pendingRaid(call.world.channel(broadcaster));
  if (!raid) throw new HelixRefusal(404, 'The broadcaster has no pending raid to cancel.');
  raid.cancelled = true;
  return { status: 204 };
}
