import { randomUUID } from 'node:crypto';
import { writeTime } from '../../../sandbox/exchange.js';
import type { Video } from './channel-state.js';
import { type HelixCall, HelixRefusal, type HelixRoutes } from './helix-call.js';
import {
  answerList,
  answerOne,
  NO_CONTENT,
  ofUser,
  own,
  readQueryInteger,
  showBroadcaster,
  showUser,
} from './helix-routes.js';

const MINUTE_MS = 60_000;
const MADE_AT = '2026-01-01T00:00:00Z';
const BLOCKS = 'user:manage:blocked_users';

/** Ads, followers, subscribers, goals, videos, and what a user decides for itself. */
export const AUDIENCE_ROUTES: HelixRoutes = {
  'GET /channels/ads': {
    scopes: ['channel:read:ads'],
    handle: own((_call, { state: { ads } }) =>
      answerOne({
        snooze_count: ads.snoozes,
        snooze_refresh_at: Math.floor(ads.next / 1_000),
        next_ad_at: Math.floor(ads.next / 1_000),
        duration: 60,
        last_ad_at: Math.floor(ads.last / 1_000),
        preroll_free_time: 0,
      }),
    ),
  },
  'POST /channels/ads/schedule/snooze': {
    scopes: ['channel:manage:ads'],
    handle: own((_call, { channel, state: { ads } }) => {
      if (channel.live_since === null)
        throw new HelixRefusal(400, 'The channel is not currently live.');
      if (ads.snoozes === 0) throw new HelixRefusal(429, 'The channel has no snoozes remaining.');
      ads.snoozes -= 1;
      ads.next += 5 * MINUTE_MS;
      return answerOne({
        snooze_count: ads.snoozes,
        snooze_refresh_at: Math.floor(ads.next / 1_000),
        next_ad_at: Math.floor(ads.next / 1_000),
      });
    }),
  },
  'POST /channels/commercial': {
    scopes: ['channel:edit:commercial'],
    handle: (call) => {
      const id = call.body.requireText('broadcaster_id');
      call.requireSelf('broadcaster_id', id);
      const length = call.body.requireInteger('length', { min: 1, max: 180 });
      if (call.world.channel(id).live_since === null)
        throw new HelixRefusal(400, 'The broadcaster must be streaming live.');
      call.spend('commercial', id);
      call.world.state(id).ads.last = call.world.now();
      return answerOne({ length, message: '', retry_after: 480 });
    },
  },
  'GET /channels/followers': {
    scopes: ['moderator:read:followers'],
    handle: (call) => {
      const channel = call.requireChannel('broadcaster_id', call.requireId('broadcaster_id'));
      call.requireModerator(call.userId ?? '', channel, 401);
      const { followers } = call.world.state(channel.broadcaster_id);
      const asked = call.readQuery('user_id');
      const found = [...followers].filter(([id]) => asked === undefined || id === asked);
      const shown = found.map(([id, at]) =>
        Object.assign(showUser(call, id), { followed_at: writeTime(at) }),
      );
      return { value: { ...call.paginate(shown, 100), total: followers.size } };
    },
  },
  'GET /subscriptions': {
    scopes: ['channel:read:subscriptions'],
    handle: own((call, { channel, state: { subscribers } }) => {
      const asked = call.readAll('user_id');
      const found = [...subscribers].filter(([id]) => asked.length === 0 || asked.includes(id));
      const shown = found.map(([id, tier]) =>
        Object.assign(showBroadcaster(call, channel.broadcaster_id), showUser(call, id), {
          gifter_id: '',
          gifter_login: '',
          gifter_name: '',
          is_gift: false,
          plan_name: 'Channel Subscription',
          tier,
        }),
      );
      const total = subscribers.size;
      return { value: { ...call.paginate(shown, 100), points: total, total } };
    }),
  },
  'GET /goals': {
    scopes: ['channel:read:goals'],
    handle: own((call, { channel, state: { followers } }) =>
      answerOne({
        id: 'demo-goal',
        ...showBroadcaster(call, channel.broadcaster_id),
        type: 'follower',
        description: 'A hundred friends',
        current_amount: followers.size,
        target_amount: 100,
        created_at: '2026-01-01T00:00:00Z',
      }),
    ),
  },
  'GET /charity/campaigns': {
    scopes: ['channel:read:charity'],
    handle: own((call, { channel }) =>
      answerOne({
        id: 'demo-campaign',
        ...showBroadcaster(call, channel.broadcaster_id),
        charity_name: 'Example Charity',
        charity_description: 'Books for everybody',
        charity_logo: '',
        charity_website: 'https://charity.example',
        current_amount: { value: 1_050, decimal_places: 2, currency: 'EUR' },
        target_amount: { value: 100_000, decimal_places: 2, currency: 'EUR' },
      }),
    ),
  },
  'GET /hypetrain/status': {
    scopes: ['channel:read:hype_train'],
    handle: own(() =>
      answerOne({ current: null, all_time_high: null, shared_all_time_high: null }),
    ),
  },
  'GET /videos': {
    app: true,
    handle: (call) => {
      const user = call.readQuery('user_id');
      const ids = call.readAll('id');
      if (user === undefined && ids.length === 0 && call.readQuery('game_id') === undefined)
        throw new HelixRefusal(400, 'The id, user_id or game_id query parameter is required.');
      const videos = [...call.world.channels.keys()].flatMap((id) =>
        call.world
          .state(id)
          .videos.list((video) => (ids.length > 0 ? ids.includes(video.id) : id === user))
          .map((video) => showVideo(call, id, video)),
      );
      return { value: call.paginate(videos, 100) };
    },
  },
  'DELETE /videos': {
    scopes: ['channel:manage:videos'],
    handle: ofUser((call, { state: { videos } }) => {
      const ids = call.readAll('id');
      if (ids.length === 0 || ids.length > 5)
        throw new HelixRefusal(400, 'The request must have 1 through 5 id parameters.');
      if (!ids.every((id) => videos.get(id)))
        throw new HelixRefusal(401, 'The caller is not authorized to delete the specified video.');
      for (const id of ids) videos.remove(id);
      return { value: { data: ids } };
    }),
  },
  'POST /videos/clips': {
    scopes: ['editor:manage:clips', 'channel:manage:clips'],
    handle: (call) => {
      const channel = call.requireChannel('broadcaster_id', call.requireId('broadcaster_id'));
      const editor = call.requireId('editor_id');
      call.requireSelf('editor_id', editor);
      if (editor !== channel.broadcaster_id && !channel.editors.has(editor))
        throw new HelixRefusal(403, 'The user in editor_id is not an editor of the channel.');
      const video = call.world
        .state(channel.broadcaster_id)
        .videos.get(call.requireQuery('vod_id'));
      if (!video) throw new HelixRefusal(404, 'The VOD was not found.');
      const offset = readQueryInteger(call, 'vod_offset', { min: 0, max: video.seconds }) ?? 0;
      const duration = Number(call.readQuery('duration') ?? 30);
      if (!(duration >= 5 && duration <= 60) || offset < duration)
        throw new HelixRefusal(400, 'The duration or the vod_offset is not valid.');
      const clip = call.world.addClip({
        id: `Clip${randomUUID().replaceAll('-', '')}`,
        broadcaster_id: channel.broadcaster_id,
        creator_id: editor,
        title: call.requireQuery('title'),
        game_id: channel.game_id,
        duration,
      });
      const edit_url = `https://clips.twitch.tv/${clip.id}/edit`;
      return { status: 202, value: { data: [{ id: clip.id, edit_url }] } };
    },
  },
  'GET /streams/markers': {
    scopes: ['user:read:broadcast', 'channel:manage:broadcast'],
    handle: ofUser((call, { channel, actor }) => {
      const markers = channel.markers.map(({ id, created, description, position_seconds }) => ({
        id,
        created_at: writeTime(created),
        description,
        position_seconds,
        url: '',
      }));
      const { user_id, user_name, user_login } = showUser(call, actor);
      const page = call.paginate(markers, 100);
      const videos = [{ video_id: '335921245', markers: page.data }];
      return { value: { ...page, data: [{ user_id, user_name, user_login, videos }] } };
    }),
  },
  'GET /search/channels': {
    app: true,
    handle: (call) => {
      const words = call.requireQuery('query').toLowerCase();
      const isLive = call.readQuery('live_only') === 'true';
      const found = [...call.world.users.values()].flatMap((user) => {
        const channel = call.world.channel(user.id);
        if (!user.login.includes(words) || (isLive && channel.live_since === null)) return [];
        return [
          {
            broadcaster_language: channel.broadcaster_language,
            broadcaster_login: user.login,
            display_name: user.display_name,
            game_id: channel.game_id,
            game_name: call.world.gameName(channel.game_id),
            id: user.id,
            is_live: channel.live_since !== null,
            tag_ids: [],
            tags: channel.tags,
            thumbnail_url: '',
            title: channel.title,
            started_at: channel.live_since === null ? '' : writeTime(channel.live_since),
          },
        ];
      });
      return { value: call.paginate(found, 100) };
    },
  },
  'PUT /users': {
    scopes: ['user:edit'],
    handle: ofUser((call, { actor }) => {
      const description = call.request.query.get('description') ?? '';
      if ([...description].length > 300)
        throw new HelixRefusal(400, 'The string in the description query parameter is too long.');
      call.world.descriptions.set(actor, description);
      const user = call.world.user(actor);
      return answerOne({
        id: user.id,
        login: user.login,
        display_name: user.display_name,
        type: '',
        broadcaster_type: user.broadcaster_type,
        description,
        profile_image_url: '',
        offline_image_url: '',
        view_count: 0,
        created_at: user.created_at,
      });
    }),
  },
  'GET /users/blocks': {
    scopes: ['user:read:blocked_users', BLOCKS],
    handle: own((call, { state }) => {
      const shown = [...state.blocks].map((id) => {
        const { user_id, user_login, user_name } = showUser(call, id);
        return { user_id, user_login, display_name: user_name };
      });
      return { value: call.paginate(shown, 100) };
    }),
  },
  'PUT /users/blocks': {
    scopes: [BLOCKS],
    handle: ofUser((call, { state, actor }) => {
      const target = call.requireId('target_user_id');
      if (target === actor) throw new HelixRefusal(400, 'The user may not block itself.');
      call.requireUser('target_user_id', target);
      state.blocks.add(target);
      return NO_CONTENT;
    }),
  },
  'DELETE /users/blocks': {
    scopes: [BLOCKS],
    handle: ofUser((call, { state }) => {
      // What Twitch says about a user who is not blocked is unpublished; simulated: nothing.
      state.blocks.delete(call.requireId('target_user_id'));
      return NO_CONTENT;
    }),
  },
  'PUT /users/extensions': {
    scopes: ['user:edit:broadcast'],
    handle: ofUser((call, { state: { extensions } }) => {
      const data = call.body.requireObject('data');
      for (const kind of ['panel', 'overlay', 'component'] as const)
        if (data.has(kind)) Object.assign(extensions[kind], data.readValue(kind));
      return { value: { data: extensions } };
    }),
  },
  'GET /entitlements/drops': {
    app: true,
    handle: (call) => {
      const drops = call.world.application.entitlements
        .list()
        .map((drop) => Object.assign({ timestamp: MADE_AT, last_updated: MADE_AT }, drop));
      return { value: call.paginate(drops, 1_000) };
    },
  },
  'PATCH /entitlements/drops': {
    app: true,
    handle: (call) => {
      const ids = call.body.readTexts('entitlement_ids') ?? [];
      const fulfillment_status = call.body.requireText('fulfillment_status');
      if (ids.length > 100) throw new HelixRefusal(400, 'Too many entitlement_ids.');
      const { entitlements } = call.world.application;
      const found = ids.filter((id) => entitlements.change(id, { fulfillment_status }));
      const missing = ids.filter((id) => !found.includes(id));
      return answerList([
        ...(found.length > 0 ? [{ status: 'SUCCESS', ids: found }] : []),
        ...(missing.length > 0 ? [{ status: 'NOT_FOUND', ids: missing }] : []),
      ]);
    },
  },
  'GET /bits/extensions': {
    app: true,
    handle: (call) => answerList([...call.world.application.products.values()] as object[]),
  },
  'PUT /bits/extensions': {
    app: true,
    handle: (call) => {
      const { body, world } = call;
      const sku = body.requireText('sku', { max: 255 });
      const amount = body.requireObject('cost').requireInteger('amount', { min: 1, max: 10_000 });
      const product = {
        sku,
        cost: { amount, type: 'bits' },
        in_development: body.readFlag('in_development') ?? false,
        display_name: body.requireText('display_name', { max: 255 }),
        expiration: body.readText('expiration') ?? '',
        is_broadcast: body.readFlag('is_broadcast') ?? false,
      };
      world.application.products.set(sku, product);
      return answerOne(product);
    },
  },
};

function showVideo(call: HelixCall, id: string, video: Video) {
  const hours = Math.floor(video.seconds / 3_600);
  const minutes = Math.floor((video.seconds % 3_600) / 60);
  return {
    id: video.id,
    stream_id: null,
    ...showUser(call, id),
    title: video.title,
    description: '',
    created_at: writeTime(video.created),
    published_at: writeTime(video.created),
    url: `https://www.twitch.tv/videos/${video.id}`,
    thumbnail_url: '',
    viewable: 'public',
    view_count: 5,
    language: 'en',
    type: video.type,
    duration: `${hours}h${minutes}m${video.seconds % 60}s`,
    muted_segments: null,
  };
}
