import { type HelixCall, HelixRefusal, type HelixResult, type HelixRoutes } from './helix-call.js';
import { writeTime } from '../../../sandbox/exchange.js';

/** What anybody may look up: users, games, live streams. */
export const LOOKUP_ROUTES: HelixRoutes = {
  'GET /users': { app: true, handle: getUsers },
  'GET /games': { app: true, handle: getGames },
  'GET /search/categories': { app: true, handle: searchCategories },
  'GET /streams': { app: true, handle: getStreams },
};

/** Without `id` or `login` it is the token's own user. @see https://dev.twitch.tv/docs/api/reference/#get-users */
function getUsers(call: HelixCall): HelixResult {
  const { world, userId } = call;
  const ids = call.readAll('id');
  const logins = call.readAll('login');
  if (ids.length + logins.length === 0) {
    if (userId === undefined)
      throw new HelixRefusal(400, 'The id or login query parameter is required.');
    ids.push(userId);
  }
  const found = [
    ...ids.map((id) => world.users.get(id)),
    ...logins.map((login) => world.findByLogin(login)),
  ];
  const data = [...new Set(found)].flatMap((user) =>
    user === undefined
      ? []
      : [
          {
            id: user.id,
            login: user.login,
            display_name: user.display_name,
            type: '',
            broadcaster_type: user.broadcaster_type,
            description: world.descriptions.get(user.id) ?? '',
            profile_image_url: '',
            offline_image_url: '',
            view_count: 0,
            created_at: user.created_at,
          },
        ],
  );
  return { value: { data } };
}

/** Names match exactly. @see https://dev.twitch.tv/docs/api/reference/#get-games */
function getGames(call: HelixCall): HelixResult {
  const { games } = call.world;
  const ids = call.readAll('id');
  const names = call.readAll('name').map((name) => name.toLowerCase());
  if (ids.length + names.length === 0)
    throw new HelixRefusal(400, 'The id or name query parameter is required.');
  const data = [...games]
    .filter(([id, name]) => ids.includes(id) || names.includes(name.toLowerCase()))
    .map(([id, name]) => ({ id, name, box_art_url: '', igdb_id: '' }));
  return { value: { data } };
}

/** @see https://dev.twitch.tv/docs/api/reference/#search-categories */
function searchCategories(call: HelixCall): HelixResult {
  const words = call.requireQuery('query').toLowerCase();
  const found = [...call.world.games]
    .filter(([, name]) => name.toLowerCase().includes(words))
    .map(([id, name]) => ({ id, name, box_art_url: '' }));
  return { value: call.paginate(found, 100) };
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-streams */
function getStreams(call: HelixCall): HelixResult {
  const { world } = call;
  const ids = call.readAll('user_id');
  const logins = call.readAll('user_login').map((login) => login.toLowerCase());
  const isAsked = (id: string, login: string) =>
    ids.length + logins.length === 0 || ids.includes(id) || logins.includes(login);
  const live = [...world.channels.values()].flatMap((channel) => {
    const user = world.user(channel.broadcaster_id);
    if (channel.live_since === null || !isAsked(user.id, user.login)) return [];
    return [
      {
        id: `9${user.id}`,
        user_id: user.id,
        user_login: user.login,
        user_name: user.display_name,
        game_id: channel.game_id,
        game_name: world.gameName(channel.game_id),
        type: 'live',
        title: channel.title,
        viewer_count: 10,
        started_at: writeTime(channel.live_since),
        language: channel.broadcaster_language,
        thumbnail_url: '',
        tag_ids: [],
        tags: channel.tags,
        is_mature: false,
      },
    ];
  });
  return { value: call.paginate(live, 100) };
}
