import { writeTime } from '../../../sandbox/exchange.js';
import type { ChatSettings, Pin } from './channel-state.js';
import { type HelixCall, HelixRefusal, type HelixRoutes } from './helix-call.js';
import {
  answerList,
  answerOne,
  type HelixPlace,
  moderated,
  NO_CONTENT,
  open,
  readQueryInteger,
  showMoment,
  showUser,
} from './helix-routes.js';

const PINS = ['moderator:manage:chat_messages'];
const COLOR =
  /^(#[0-9a-f]{6}|blue|blue_violet|cadet_blue|chocolate|coral|dodger_blue|firebrick|golden_rod|green|hot_pink|orange_red|red|sea_green|spring_green|yellow_green)$/i;

/** Who may write in a chat, what is pinned there, who is there. */
export const CHAT_STATE_ROUTES: HelixRoutes = {
  'GET /chat/settings': {
    app: true,
    handle: open((_call, { channel, state }) =>
      answerOne(showSettings(channel.broadcaster_id, state.chat)),
    ),
  },
  'PATCH /chat/settings': {
    scopes: ['moderator:manage:chat_settings'],
    handle: moderated((call, { channel, state, actor }) => {
      state.chat = { ...state.chat, ...readSettings(call) };
      return answerOne({
        ...showSettings(channel.broadcaster_id, state.chat),
        moderator_id: actor,
        non_moderator_chat_delay: state.chat.non_moderator_chat_delay,
        non_moderator_chat_delay_duration: state.chat.non_moderator_chat_delay
          ? state.chat.non_moderator_chat_delay_duration
          : null,
      });
    }),
  },
  'POST /chat/shoutouts': { scopes: ['moderator:manage:shoutouts'], handle: sendShoutout },
  'PUT /chat/color': {
    scopes: ['user:manage:chat_color'],
    handle: (call) => {
      const id = call.requireId('user_id');
      call.requireSelf('user_id', id);
      const color = call.requireQuery('color');
      if (!COLOR.test(color)) throw new HelixRefusal(400, 'The named color is not valid.');
      call.world.colors.set(id, color);
      return NO_CONTENT;
    },
  },
  'GET /chat/color': {
    app: true,
    handle: (call) => {
      call.requireId('user_id');
      return answerList(
        call
          .readAll('user_id')
          .flatMap((id) =>
            call.world.users.has(id)
              ? [{ ...showUser(call, id), color: call.world.colors.get(id) ?? '' }]
              : [],
          ),
      );
    },
  },
  'GET /chat/chatters': {
    scopes: ['moderator:read:chatters'],
    handle: moderated((call, { channel }) => {
      const ids = new Set([...channel.messages.values()].map(({ sender_id }) => sender_id));
      const chatters = [...ids].map((id) => showUser(call, id));
      return { value: { ...call.paginate(chatters, 1_000), total: chatters.length } };
    }),
  },
  'GET /chat/pins': {
    scopes: ['moderator:read:chat_messages', ...PINS],
    handle: moderated((call, place) => {
      const pin = findPin(call, place);
      return answerList(pin ? [showPin(call, place, pin)] : []);
    }),
  },
  'PUT /chat/pins': {
    scopes: PINS,
    handle: moderated((call, { channel, state, actor }) => {
      const entry = channel.messages.get(call.requireQuery('message_id'));
      if (!entry || entry.deleted_by !== undefined || entry.kind === 'cleared')
        throw new HelixRefusal(404, 'The specified message was not found.');
      state.pin = {
        message_id: entry.id,
        moderator_id: actor,
        started: call.world.now(),
        updated: call.world.now(),
        ends: readPinEnd(call),
      };
      channel.pinned_message_id = entry.id;
      return NO_CONTENT;
    }),
  },
  'PATCH /chat/pins': {
    scopes: PINS,
    handle: moderated((call, place) => {
      const pin = requirePin(call, place);
      pin.ends = readPinEnd(call);
      pin.updated = call.world.now();
      return NO_CONTENT;
    }),
  },
  'DELETE /chat/pins': {
    scopes: PINS,
    handle: moderated((call, place) => {
      requirePin(call, place);
      place.state.pin = null;
      place.channel.pinned_message_id = null;
      return NO_CONTENT;
    }),
  },
};

/** Query `broadcaster_id, to…, moderator_id`. @see https://dev.twitch.tv/docs/api/reference/#send-a-shoutout */
function sendShoutout(call: HelixCall) {
  const from = call.requireChannel('from_broadcaster_id', call.requireId('from_broadcaster_id'));
  const to = call.requireChannel('to_broadcaster_id', call.requireId('to_broadcaster_id'));
  const moderator = call.requireId('moderator_id');
  call.requireSelf('moderator_id', moderator);
  call.requireModerator(moderator, from);
  if (from === to) throw new HelixRefusal(400, 'The broadcaster may not give itself a Shoutout.');
  if (from.live_since === null)
    throw new HelixRefusal(
      400,
      'The broadcaster is not streaming live or does not have one or more viewers.',
    );
  call.spend('shoutout', from.broadcaster_id);
  call.spend('shoutout_target', `${from.broadcaster_id}>${to.broadcaster_id}`);
  call.world.state(from.broadcaster_id).shoutouts.push(to.broadcaster_id);
  return NO_CONTENT;
}

function readSettings({ body }: HelixCall): Partial<ChatSettings> {
  const read: Partial<ChatSettings> = {
    emote_mode: body.readFlag('emote_mode'),
    follower_mode: body.readFlag('follower_mode'),
    follower_mode_duration: body.readInteger('follower_mode_duration', { min: 0, max: 129_600 }),
    non_moderator_chat_delay: body.readFlag('non_moderator_chat_delay'),
    non_moderator_chat_delay_duration: body.readInteger('non_moderator_chat_delay_duration', {
      min: 2,
      max: 6,
    }),
    slow_mode: body.readFlag('slow_mode'),
    slow_mode_wait_time: body.readInteger('slow_mode_wait_time', { min: 3, max: 120 }),
    subscriber_mode: body.readFlag('subscriber_mode'),
    unique_chat_mode: body.readFlag('unique_chat_mode'),
  };
  for (const [mode, duration] of [
    ['follower_mode', 'follower_mode_duration'],
    ['slow_mode', 'slow_mode_wait_time'],
    ['non_moderator_chat_delay', 'non_moderator_chat_delay_duration'],
  ] as const)
    if (read[duration] !== undefined && read[mode] !== true)
      throw new HelixRefusal(400, `${mode} must be true to set ${duration}.`);
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

function showSettings(id: string, chat: ChatSettings) {
  return {
    broadcaster_id: id,
    emote_mode: chat.emote_mode,
    follower_mode: chat.follower_mode,
    follower_mode_duration: chat.follower_mode ? chat.follower_mode_duration : null,
    slow_mode: chat.slow_mode,
    slow_mode_wait_time: chat.slow_mode ? chat.slow_mode_wait_time : null,
    subscriber_mode: chat.subscriber_mode,
    unique_chat_mode: chat.unique_chat_mode,
  };
}

function readPinEnd(call: HelixCall): number | null {
  const seconds = readQueryInteger(call, 'duration_seconds', { min: 30, max: 1_800 });
  return seconds === undefined ? null : call.world.now() + seconds * 1_000;
}

/** The pin of a chat while it lasts, also one that came with a message. */
function findPin({ world }: HelixCall, { channel, state }: HelixPlace): Pin | undefined {
  const id = channel.pinned_message_id;
  if (id === null) return undefined;
  if (state.pin?.message_id !== id) {
    const at = channel.messages.get(id)?.at ?? world.now();
    const by = channel.broadcaster_id;
    state.pin = { message_id: id, moderator_id: by, started: at, updated: at, ends: null };
  }
  if (state.pin.ends === null || state.pin.ends > world.now()) return state.pin;
  channel.pinned_message_id = null;
  state.pin = null;
  return undefined;
}

function requirePin(call: HelixCall, place: HelixPlace): Pin {
  const pin = findPin(call, place);
  if (pin?.message_id === call.requireQuery('message_id')) return pin;
  throw new HelixRefusal(404, 'The specified message was not found.');
}

function showPin(call: HelixCall, { channel }: HelixPlace, pin: Pin) {
  const entry = channel.messages.get(pin.message_id);
  const sender = call.world.user(entry?.sender_id ?? channel.broadcaster_id);
  const by = call.world.user(pin.moderator_id);
  const text = entry?.text ?? '';
  return {
    message_id: pin.message_id,
    broadcaster_id: channel.broadcaster_id,
    sender_user_id: sender.id,
    sender_user_login: sender.login,
    sender_user_name: sender.display_name,
    pinned_by_user_id: by.id,
    pinned_by_user_login: by.login,
    pinned_by_user_name: by.display_name,
    message: { text, fragments: [{ type: 'text', text }] },
    starts_at: writeTime(pin.started),
    ends_at: showMoment(pin.ends, null),
    updated_at: writeTime(pin.updated),
  };
}
