import { writeTime } from '../../../sandbox/exchange.js';
import type { Redemption, Reward } from './channel-state.js';
import { type BodyFields, type HelixCall, HelixRefusal, type HelixRoutes } from './helix-call.js';
import {
  answerList,
  answerOne,
  type HelixPlace,
  NO_CONTENT,
  own,
  showBroadcaster,
  showUser,
} from './helix-routes.js';

const READ = ['channel:read:redemptions', 'channel:manage:redemptions'];
const MANAGE = ['channel:manage:redemptions'];
const REWARDS = '/channel_points/custom_rewards';

/** Channel point rewards. @see https://dev.twitch.tv/docs/api/reference/#create-custom-rewards */
export const REWARD_ROUTES: HelixRoutes = {
  [`GET ${REWARDS}`]: {
    scopes: READ,
    handle: own((call, place) => {
      const ids = call.readAll('id');
      const found = place.state.rewards.list(
        (reward) =>
          (ids.length === 0 || ids.includes(reward.id)) &&
          (call.readQuery('only_manageable_rewards') !== 'true' || isOwn(call, reward)),
      );
      if (ids.length > 0 && found.length === 0)
        throw new HelixRefusal(404, 'All of the custom rewards specified in id were not found.');
      return answerList(found.map((reward) => showReward(call, place, reward)));
    }),
  },
  [`POST ${REWARDS}`]: {
    scopes: MANAGE,
    handle: own((call, place) => {
      const { body } = call;
      const title = body.requireText('title', { max: 45 });
      const cost = body.requireInteger('cost', { min: 1, max: 2_147_483_647 });
      requireFreeTitle(place, title);
      if (place.state.rewards.size >= 50)
        throw new HelixRefusal(400, 'The channel has the most custom rewards that it may have.');
      const reward = place.state.rewards.add({
        ...NEW_REWARD,
        client_id: call.token.client_id,
        title,
        cost,
        ...readReward(body),
      });
      return answerOne(showReward(call, place, reward));
    }),
  },
  [`PATCH ${REWARDS}`]: {
    scopes: MANAGE,
    handle: own((call, place) => {
      const reward = requireReward(call, place, 'id');
      const { body } = call;
      const title = body.readText('title', { max: 45 });
      const cost = body.readInteger('cost', { min: 1, max: 2_147_483_647 });
      if (title !== undefined && title !== reward.title) requireFreeTitle(place, title);
      const is_paused = body.readFlag('is_paused');
      const changes = { title, cost, is_paused, ...readReward(body) };
      const changed = place.state.rewards.change(reward.id, changes) ?? reward;
      return answerOne(showReward(call, place, changed));
    }),
  },
  [`DELETE ${REWARDS}`]: {
    scopes: MANAGE,
    handle: own((call, place) => {
      const reward = requireReward(call, place, 'id');
      place.state.rewards.remove(reward.id);
      return NO_CONTENT;
    }),
  },
  [`GET ${REWARDS}/redemptions`]: {
    scopes: READ,
    handle: own((call, place) => {
      const reward = requireReward(call, place, 'reward_id');
      const ids = call.readAll('id');
      const status = call.readQuery('status');
      if (ids.length === 0 && status === undefined)
        throw new HelixRefusal(
          400,
          'The status query parameter is required if id is not specified.',
        );
      const found = place.state.redemptions.list(
        ({ id, reward_id, status: is }) =>
          reward_id === reward.id &&
          (ids.length === 0 || ids.includes(id)) &&
          (status === undefined || status === is),
      );
      if (call.readQuery('sort') === 'NEWEST') found.reverse();
      const page = call.paginate(found, 50);
      return {
        value: {
          ...page,
          data: page.data.map((each) => showRedemption(call, place, reward, each)),
        },
      };
    }),
  },
  [`PATCH ${REWARDS}/redemptions`]: {
    scopes: MANAGE,
    handle: own((call, place) => {
      const reward = requireReward(call, place, 'reward_id');
      const ids = call.readAll('id');
      if (ids.length === 0 || ids.length > 50)
        throw new HelixRefusal(400, 'The request must have 1 through 50 id parameters.');
      const status = call.body.requireText('status');
      if (status !== 'FULFILLED' && status !== 'CANCELED')
        throw new HelixRefusal(400, 'The value in the status field is not valid.');
      const found = ids.map((id) => place.state.redemptions.get(id));
      if (!found.every((each) => each?.reward_id === reward.id && each.status === 'UNFULFILLED'))
        throw new HelixRefusal(404, 'The custom reward redemptions in id were not found.');
      return answerList(
        found.flatMap((each) => {
          if (!each) return [];
          each.status = status;
          return [showRedemption(call, place, reward, each)];
        }),
      );
    }),
  },
};

const NEW_REWARD = {
  prompt: '',
  background_color: '#9147FF',
  is_enabled: true,
  is_paused: false,
  is_user_input_required: false,
  should_redemptions_skip_request_queue: false,
  is_max_per_stream_enabled: false,
  max_per_stream: 0,
  is_max_per_user_per_stream_enabled: false,
  max_per_user_per_stream: 0,
  is_global_cooldown_enabled: false,
  global_cooldown_seconds: 0,
};

/** The members of a reward that have no value of their own when they are left out. */
function readReward(body: BodyFields): Partial<Reward> {
  const limit = { min: 1, max: 2_147_483_647 };
  const color = body.readText('background_color');
  if (color !== undefined && !/^#[0-9A-F]{6}$/i.test(color))
    throw new HelixRefusal(400, 'The background_color field is not a color in Hex format.');
  const read: Partial<Reward> = {
    prompt: body.readText('prompt', { max: 200 }),
    background_color: color,
    is_enabled: body.readFlag('is_enabled'),
    is_user_input_required: body.readFlag('is_user_input_required'),
    should_redemptions_skip_request_queue: body.readFlag('should_redemptions_skip_request_queue'),
    is_max_per_stream_enabled: body.readFlag('is_max_per_stream_enabled'),
    max_per_stream: body.readInteger('max_per_stream', limit),
    is_max_per_user_per_stream_enabled: body.readFlag('is_max_per_user_per_stream_enabled'),
    max_per_user_per_stream: body.readInteger('max_per_user_per_stream', limit),
    is_global_cooldown_enabled: body.readFlag('is_global_cooldown_enabled'),
    global_cooldown_seconds: body.readInteger('global_cooldown_seconds', limit),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

const isOwn = (call: HelixCall, reward: Reward): boolean =>
  reward.client_id === call.token.client_id;

function requireFreeTitle({ state }: HelixPlace, title: string): void {
  if (state.rewards.list((reward) => reward.title === title).length > 0)
    throw new HelixRefusal(400, 'The title must be unique amongst all of the custom rewards.');
}

function requireReward(call: HelixCall, { state }: HelixPlace, name: string): Reward {
  const reward = state.rewards.get(call.requireQuery(name));
  if (!reward) throw new HelixRefusal(404, `The custom reward specified in ${name} was not found.`);
  if (!isOwn(call, reward))
    throw new HelixRefusal(403, 'The ID in the Client-Id header must match that of the reward.');
  return reward;
}

const IMAGE = { url_1x: '', url_2x: '', url_4x: '' };

function showReward(call: HelixCall, { channel }: HelixPlace, reward: Reward) {
  return {
    ...showBroadcaster(call, channel.broadcaster_id),
    id: reward.id,
    title: reward.title,
    prompt: reward.prompt,
    cost: reward.cost,
    image: null,
    default_image: IMAGE,
    background_color: reward.background_color,
    is_enabled: reward.is_enabled,
    is_user_input_required: reward.is_user_input_required,
    max_per_stream_setting: {
      is_enabled: reward.is_max_per_stream_enabled,
      max_per_stream: reward.max_per_stream,
    },
    max_per_user_per_stream_setting: {
      is_enabled: reward.is_max_per_user_per_stream_enabled,
      max_per_user_per_stream: reward.max_per_user_per_stream,
    },
    global_cooldown_setting: {
      is_enabled: reward.is_global_cooldown_enabled,
      global_cooldown_seconds: reward.global_cooldown_seconds,
    },
    is_paused: reward.is_paused,
    is_in_stock: true,
    should_redemptions_skip_request_queue: reward.should_redemptions_skip_request_queue,
    redemptions_redeemed_current_stream: null,
    cooldown_expires_at: null,
  };
}

function showRedemption(
  call: HelixCall,
  { channel }: HelixPlace,
  { id, title, prompt, cost }: Reward,
  redemption: Redemption,
) {
  return {
    ...showBroadcaster(call, channel.broadcaster_id),
    id: redemption.id,
    ...showUser(call, redemption.user_id),
    reward: { id, title, prompt, cost },
    user_input: redemption.user_input,
    status: redemption.status,
    redeemed_at: writeTime(redemption.redeemed),
  };
}
