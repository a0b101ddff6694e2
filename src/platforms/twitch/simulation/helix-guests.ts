import { randomUUID } from 'node:crypto';
import { writeTime } from '../../../sandbox/exchange.js';
import { type GuestSession, openSlot } from './channel-state.js';
import { type HelixCall, HelixRefusal, type HelixRoutes } from './helix-call.js';
import {
  answerList,
  answerOne,
  type HelixPlace,
  moderated,
  NO_CONTENT,
  own,
  readQueryFlag,
  readQueryInteger,
} from './helix-routes.js';

const HOST = ['channel:manage:guest_star'];
const MANAGE = ['channel:manage:guest_star', 'moderator:manage:guest_star'];
const READ = ['channel:read:guest_star', 'moderator:read:guest_star', ...MANAGE];
const SLOTS = 6;

/** Guest Star. @see https://dev.twitch.tv/docs/api/reference/#get-guest-star-session */
export const GUEST_ROUTES: HelixRoutes = {
  'PUT /guest_star/channel_settings': {
    scopes: HOST,
    handle: own((call, { state }) => {
      const { body } = call;
      const read = {
        is_moderator_send_live_enabled: body.readFlag('is_moderator_send_live_enabled'),
        slot_count: body.readInteger('slot_count', { min: 1, max: SLOTS }),
        is_browser_source_audio_enabled: body.readFlag('is_browser_source_audio_enabled'),
        group_layout: body.readText('group_layout'),
      };
      body.readFlag('regenerate_browser_sources');
      Object.assign(
        state.guests.settings,
        Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined)),
      );
      return NO_CONTENT;
    }),
  },
  'GET /guest_star/session': {
    scopes: READ,
    handle: moderated((call, { state: { guests } }) =>
      answerList(guests.session ? [showSession(call, guests.session)] : []),
    ),
  },
  'POST /guest_star/session': {
    scopes: HOST,
    handle: own((call, { state: { guests } }) => {
      if (guests.session) throw new HelixRefusal(400, 'The broadcaster has a session already.');
      guests.session = { id: randomUUID(), slots: new Map(), invites: new Map() };
      return answerOne(showSession(call, guests.session));
    }),
  },
  'DELETE /guest_star/session': {
    scopes: HOST,
    handle: own((call, place) => {
      const session = requireSession(call, place);
      place.state.guests.session = null;
      return answerOne(showSession(call, session));
    }),
  },
  'POST /guest_star/invites': {
    scopes: MANAGE,
    handle: moderated((call, place) => {
      const session = requireSession(call, place);
      const guest = call.requireId('guest_id');
      call.requireUser('guest_id', guest);
      if (session.invites.has(guest)) throw new HelixRefusal(400, 'The guest is invited already.');
      session.invites.set(guest, call.world.now());
      return NO_CONTENT;
    }),
  },
  'DELETE /guest_star/invites': {
    scopes: MANAGE,
    handle: moderated((call, place) => {
      if (!requireSession(call, place).invites.delete(call.requireId('guest_id')))
        throw new HelixRefusal(404, 'No invite exists for the specified guest_id.');
      return NO_CONTENT;
    }),
  },
  'POST /guest_star/slot': {
    scopes: MANAGE,
    handle: moderated((call, place) => {
      const session = requireSession(call, place);
      const guest = call.requireId('guest_id');
      const slot = requireSlotNumber(call, 'slot_id');
      if (session.slots.has(slot)) throw new HelixRefusal(400, 'The slot is taken.');
      if (!session.invites.delete(guest))
        throw new HelixRefusal(403, 'The guest is not invited to the session.');
      session.slots.set(slot, openSlot(guest, call.world.now));
      return NO_CONTENT;
    }),
  },
  'PATCH /guest_star/slot': {
    scopes: MANAGE,
    handle: moderated((call, place) => {
      const { slots } = requireSession(call, place);
      const source = requireSlotNumber(call, 'source_slot_id');
      const destination = requireSlotNumber(call, 'destination_slot_id');
      const moved = slots.get(source);
      if (!moved) throw new HelixRefusal(400, 'The source slot is empty.');
      const other = slots.get(destination);
      slots.set(destination, moved);
      if (other) slots.set(source, other);
      else slots.delete(source);
      return NO_CONTENT;
    }),
  },
  'DELETE /guest_star/slot': {
    scopes: MANAGE,
    handle: moderated((call, place) => {
      const session = requireSession(call, place);
      const slot = requireSlotNumber(call, 'slot_id');
      const guest = call.requireId('guest_id');
      if (session.slots.get(slot)?.user_id !== guest)
        throw new HelixRefusal(404, 'The guest is not in the slot.');
      session.slots.delete(slot);
      if (call.readQuery('should_reinvite_guest') === 'true')
        session.invites.set(guest, call.world.now());
      return NO_CONTENT;
    }),
  },
  'PATCH /guest_star/slot_settings': {
    scopes: MANAGE,
    handle: moderated((call, place) => {
      const slot = requireSession(call, place).slots.get(requireSlotNumber(call, 'slot_id'));
      if (!slot) throw new HelixRefusal(400, 'The slot is empty.');
      slot.is_audio_enabled = readQueryFlag(call, 'is_audio_enabled') ?? slot.is_audio_enabled;
      slot.is_video_enabled = readQueryFlag(call, 'is_video_enabled') ?? slot.is_video_enabled;
      slot.is_live = readQueryFlag(call, 'is_live') ?? slot.is_live;
      slot.volume = readQueryInteger(call, 'volume', { min: 0, max: 100 }) ?? slot.volume;
      return NO_CONTENT;
    }),
  },
};

function requireSession(call: HelixCall, { state: { guests } }: HelixPlace): GuestSession {
  const id = call.requireQuery('session_id');
  if (guests.session?.id !== id)
    throw new HelixRefusal(400, 'The session in session_id is not the active one.');
  return guests.session;
}

function requireSlotNumber(call: HelixCall, name: string): string {
  const text = call.requireQuery(name);
  if (!/^\d+$/.test(text) || Number(text) < 1 || Number(text) > SLOTS)
    throw new HelixRefusal(400, `The slot in ${name} is not valid.`);
  return text;
}

function showSession(call: HelixCall, { id, slots }: GuestSession) {
  const guests = [...slots].map(([slot_id, slot]) => {
    const { login, display_name } = call.world.user(slot.user_id);
    return {
      slot_id,
      is_live: slot.is_live,
      user_id: slot.user_id,
      user_display_name: display_name,
      user_login: login,
      volume: slot.volume,
      assigned_at: writeTime(slot.assigned),
      audio_settings: {
        is_host_enabled: slot.is_audio_enabled,
        is_guest_enabled: true,
        is_available: true,
      },
      video_settings: {
        is_host_enabled: slot.is_video_enabled,
        is_guest_enabled: true,
        is_available: true,
      },
    };
  });
  return { id, guests };
}
