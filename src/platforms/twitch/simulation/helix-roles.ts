import { type HelixCall, HelixRefusal, type HelixResult, type HelixRoutes } from './helix-call.js';
import type { TwitchChannel } from './world.js';

const MODERATORS = 'channel:manage:moderators';
const VIPS = 'channel:manage:vips';

/** Who is who in a channel: moderators and VIPs. */
export const ROLE_ROUTES: HelixRoutes = {
  'GET /moderation/moderators': { scopes: ['moderation:read', MODERATORS], handle: getModerators },
  'POST /moderation/moderators': { scopes: [MODERATORS], handle: addModerator },
  'DELETE /moderation/moderators': { scopes: [MODERATORS], handle: removeModerator },
  'GET /channels/vips': { scopes: ['channel:read:vips', VIPS], handle: getVips },
  'POST /channels/vips': { scopes: [VIPS], handle: addVip },
  'DELETE /channels/vips': { scopes: [VIPS], handle: removeVip },
};

/** The broadcaster's own channel and the user of the query, who must exist. */
function requireOwnChannel(call: HelixCall, unknownStatus: number): [TwitchChannel, string] {
  const broadcaster = call.requireId('broadcaster_id');
  const target = call.requireId('user_id');
  call.requireSelf('broadcaster_id', broadcaster);
  call.requireUser('user_id', target, unknownStatus);
  return [call.world.channel(broadcaster), target];
}

/**
 * Query `broadcaster_id, user_id`; answers 204.
 * @see https://dev.twitch.tv/docs/api/reference/#add-channel-moderator
 */
function addModerator(call: HelixCall): HelixResult {
  const [channel, target] = requireOwnChannel(call, 400);
  call.spend('moderator_add', channel.broadcaster_id);
  if (call.world.moderates(target, channel)) throw new HelixRefusal(400, 'user is already a mod');
  if (call.world.findBan(channel, target))
    throw new HelixRefusal(400, 'The user in user_id is banned from the channel.');
  if (channel.vips.has(target))
    throw new HelixRefusal(422, 'The user in user_id is a VIP and must first be removed as one.');
  channel.moderators.add(target);
  return { status: 204 };
}

/**
 * Query `broadcaster_id, user_id`; answers 204.
 * @see https://dev.twitch.tv/docs/api/reference/#remove-channel-moderator
 */
function removeModerator(call: HelixCall): HelixResult {
  const [channel, target] = requireOwnChannel(call, 400);
  call.spend('moderator_remove', channel.broadcaster_id);
  if (!channel.moderators.delete(target)) throw new HelixRefusal(400, 'user is not a mod');
  return { status: 204 };
}

/**
 * Query `broadcaster_id, user_id`; answers 204.
 * @see https://dev.twitch.tv/docs/api/reference/#add-channel-vip
 */
function addVip(call: HelixCall): HelixResult {
  const [channel, target] = requireOwnChannel(call, 404);
  call.spend('vip_add', channel.broadcaster_id);
  if (!channel.community_built)
    throw new HelixRefusal(425, 'The broadcaster has not completed Build a Community.');
  if (call.world.findBan(channel, target))
    throw new HelixRefusal(400, "The user in user_id is blocked from the broadcaster's channel.");
  if (call.world.moderates(target, channel))
    throw new HelixRefusal(422, 'The user in user_id is a moderator.');
  if (channel.vips.has(target))
    throw new HelixRefusal(422, 'The user in user_id is already a VIP.');
  if (channel.vips.size >= channel.vip_slots)
    throw new HelixRefusal(409, 'The broadcaster has no VIP slots available.');
  channel.vips.add(target);
  return { status: 204 };
}

/**
 * Query `broadcaster_id, user_id`; the broadcaster or the VIP may ask. Answers 204.
 * @see https://dev.twitch.tv/docs/api/reference/#remove-channel-vip
 */
function removeVip(call: HelixCall): HelixResult {
  const broadcaster = call.requireId('broadcaster_id');
  const target = call.requireId('user_id');
  if (call.userId !== target) call.requireSelf('broadcaster_id', broadcaster);
  const channel = call.requireChannel('broadcaster_id', broadcaster, 404);
  call.requireUser('user_id', target, 404);
  call.spend('vip_remove', broadcaster);
  if (!channel.vips.delete(target))
    throw new HelixRefusal(422, "The user in user_id is not a VIP in the broadcaster's channel.");
  return { status: 204 };
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-moderators */
function getModerators(call: HelixCall): HelixResult {
  return listRole(call, ({ moderators }) => moderators);
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-vips */
function getVips(call: HelixCall): HelixResult {
  return listRole(call, ({ vips }) => vips);
}

function listRole(
  call: HelixCall,
  pick: (channel: TwitchChannel) => ReadonlySet<string>,
): HelixResult {
  const broadcaster = call.requireId('broadcaster_id');
  call.requireSelf('broadcaster_id', broadcaster);
  const asked = new Set(call.request.query.getAll('user_id'));
  const people = [...pick(call.world.channel(broadcaster))]
    .filter((id) => asked.size === 0 || asked.has(id))
    .map((id) => {
      const user = call.world.user(id);
      return { user_id: user.id, user_login: user.login, user_name: user.display_name };
    });
  return { value: call.paginate(people, 100) };
}
