import { writeTime } from '../../../sandbox/exchange.js';
import { AUTOMOD_LEVELS, type UnbanRequest } from './channel-state.js';
import { type HelixCall, HelixRefusal, type HelixRoutes } from './helix-call.js';
import {
  answerList,
  answerOne,
  type HelixPlace,
  moderated,
  NO_CONTENT,
  own,
  showBroadcaster,
  showMoment,
  showUser,
} from './helix-routes.js';

const SUSPICIOUS = ['moderator:manage:suspicious_users'];
const TERMS = 'moderator:manage:blocked_terms';
const SETTINGS = 'moderator:manage:automod_settings';
const UNBAN = 'moderator:manage:unban_requests';
const SHIELD = 'moderator:manage:shield_mode';

/** What protects a chat: AutoMod, terms, warnings, the shield, requests to be unbanned. */
export const GUARD_ROUTES: HelixRoutes = {
  'POST /moderation/enforcements/status': {
    scopes: ['moderation:read'],
    handle: own((call, { channel, state }) => {
      const messages = call.body.requireObjects('data', { min: 1, max: 100 });
      call.spend('automod_check', channel.broadcaster_id);
      const terms = state.blockedTerms.list().map(({ text }) => text.toLowerCase());
      return answerList(
        messages.map((message) => {
          const msg_id = message.requireText('msg_id');
          const text = message.requireText('msg_text').toLowerCase();
          return { msg_id, is_permitted: !terms.some((term) => text.includes(term)) };
        }),
      );
    }),
  },
  'POST /moderation/automod/message': {
    scopes: ['moderator:manage:automod'],
    handle: (call) => {
      const { body, world } = call;
      call.requireSelf('user_id', body.requireText('user_id'));
      const id = body.requireText('msg_id');
      const action = body.requireText('action');
      if (action !== 'ALLOW' && action !== 'DENY')
        throw new HelixRefusal(400, 'The value in the action field is not valid.');
      for (const channel of world.channels.values()) {
        const state = world.state(channel.broadcaster_id);
        const held = state.heldMessages.get(id);
        if (!held) continue;
        call.requireModerator(call.userId ?? '', channel);
        state.heldMessages.remove(id);
        if (action === 'ALLOW')
          world.say(channel, { kind: 'message', sender_id: held.sender_id, text: held.text, id });
        return NO_CONTENT;
      }
      throw new HelixRefusal(404, 'The message specified in the msg_id field was not found.');
    },
  },
  'GET /moderation/automod/settings': {
    scopes: ['moderator:read:automod_settings', SETTINGS],
    handle: moderated((_call, place) => answerOne(showAutomod(place))),
  },
  'PUT /moderation/automod/settings': {
    scopes: [SETTINGS],
    handle: moderated((call, place) => {
      const { body } = call;
      const level = { min: 0, max: 4 };
      const overall = body.readInteger('overall_level', level);
      const kinds = AUTOMOD_LEVELS.map((name) => [name, body.readInteger(name, level)] as const);
      if (overall !== undefined && kinds.some(([, value]) => value !== undefined))
        throw new HelixRefusal(400, 'Set overall_level or individual settings, not both.');
      place.state.automod = Object.fromEntries(
        kinds.map(([name, value]) => [name, overall ?? value ?? 0]),
      );
      return answerOne(showAutomod(place));
    }),
  },
  'GET /moderation/unban_requests': {
    scopes: ['moderator:read:unban_requests', UNBAN],
    handle: moderated((call, place) => {
      const status = call.requireQuery('status');
      const user = call.readQuery('user_id');
      const found = place.state.unbanRequests.list(
        (request) => request.status === status && (user === undefined || request.user_id === user),
      );
      const page = call.paginate(found, 100);
      return {
        value: { ...page, data: page.data.map((each) => showUnbanRequest(call, place, each)) },
      };
    }),
  },
  'PATCH /moderation/unban_requests': {
    scopes: [UNBAN],
    handle: moderated((call, place) => {
      const request = place.state.unbanRequests.get(call.requireQuery('unban_request_id'));
      const status = call.requireQuery('status');
      if (status !== 'approved' && status !== 'denied')
        throw new HelixRefusal(400, 'The value of status is not valid.');
      if (!request) throw new HelixRefusal(404, 'The unban request ID was not found.');
      if (request.status !== 'pending')
        throw new HelixRefusal(400, 'The unban request is already resolved.');
      request.status = status;
      request.moderator_id = place.actor;
      request.resolved = call.world.now();
      request.resolution_text = call.readQuery('resolution_text') ?? '';
      if (status === 'approved') place.channel.bans.delete(request.user_id);
      return answerOne(showUnbanRequest(call, place, request));
    }),
  },
  'GET /moderation/blocked_terms': {
    scopes: ['moderator:read:blocked_terms', TERMS],
    handle: moderated((call, place) => {
      const page = call.paginate(place.state.blockedTerms.list(), 100);
      return { value: { ...page, data: page.data.map((term) => showTerm(place, term)) } };
    }),
  },
  'POST /moderation/blocked_terms': {
    scopes: [TERMS],
    handle: moderated((call, place) => {
      const text = call.body.requireText('text', { max: 500 });
      if ([...text].length < 2)
        throw new HelixRefusal(400, 'The length of the term in the text field is too short.');
      const same = place.state.blockedTerms.list((term) => term.text === text);
      const term =
        same[0] ??
        place.state.blockedTerms.add({
          text,
          moderator_id: place.actor,
          created: call.world.now(),
        });
      return answerOne(showTerm(place, term));
    }),
  },
  'DELETE /moderation/blocked_terms': {
    scopes: [TERMS],
    handle: moderated((call, { state }) => {
      // The reference: the request succeeds also when the term was not found.
      state.blockedTerms.remove(call.requireQuery('id'));
      return NO_CONTENT;
    }),
  },
  'GET /moderation/shield_mode': {
    scopes: ['moderator:read:shield_mode', SHIELD],
    handle: moderated((call, place) => answerOne(showShield(call, place))),
  },
  'PUT /moderation/shield_mode': {
    scopes: [SHIELD],
    handle: moderated((call, place) => {
      const is_active = call.body.readFlag('is_active');
      if (is_active === undefined) throw new HelixRefusal(400, 'The is_active field is required.');
      const last = is_active ? call.world.now() : place.state.shield.last;
      place.state.shield = { is_active, moderator_id: place.actor, last };
      return answerOne(showShield(call, place));
    }),
  },
  'POST /moderation/warnings': {
    scopes: ['moderator:manage:warnings'],
    handle: moderated((call, { channel, state, actor }) => {
      const data = call.body.requireObject('data');
      const user_id = data.requireText('user_id');
      const reason = data.requireText('reason', { max: 500 });
      call.requireUser('user_id', user_id);
      call.spend('ban', channel.broadcaster_id);
      if (user_id === channel.broadcaster_id)
        throw new HelixRefusal(400, 'The user specified in the user_id field may not be warned.');
      state.warnings.push({ user_id, moderator_id: actor, reason, at: call.world.now() });
      return answerOne({
        broadcaster_id: channel.broadcaster_id,
        user_id,
        moderator_id: actor,
        reason,
      });
    }),
  },
  'POST /moderation/suspicious_users': {
    scopes: SUSPICIOUS,
    handle: moderated((call, place) => {
      const user_id = call.body.requireText('user_id');
      const status = call.body.requireText('status');
      call.requireUser('user_id', user_id);
      if (status !== 'ACTIVE_MONITORING' && status !== 'RESTRICTED')
        throw new HelixRefusal(400, 'The value in the status field is not valid.');
      const updated = call.world.now();
      place.state.suspicious.set(user_id, { status, moderator_id: place.actor, updated });
      return answerOne(showSuspicion(place, user_id, status, updated));
    }),
  },
  'DELETE /moderation/suspicious_users': {
    scopes: SUSPICIOUS,
    handle: moderated((call, place) => {
      const user_id = call.requireId('user_id');
      if (!place.state.suspicious.delete(user_id))
        throw new HelixRefusal(400, 'The user has no suspicious status.');
      return answerOne(showSuspicion(place, user_id, 'NO_TREATMENT', call.world.now()));
    }),
  },
};

function showAutomod({ channel, state, actor }: HelixPlace) {
  const levels = new Set(Object.values(state.automod));
  const [overall] = levels;
  return {
    broadcaster_id: channel.broadcaster_id,
    moderator_id: actor,
    overall_level: levels.size === 1 ? overall : null,
    ...state.automod,
  };
}

function showUnbanRequest(call: HelixCall, { channel }: HelixPlace, request: UnbanRequest) {
  const moderator = call.world.users.get(request.moderator_id);
  return {
    id: request.id,
    ...showBroadcaster(call, channel.broadcaster_id),
    moderator_id: moderator?.id ?? '',
    moderator_login: moderator?.login ?? '',
    moderator_name: moderator?.display_name ?? '',
    ...showUser(call, request.user_id),
    text: request.text,
    status: request.status,
    created_at: writeTime(request.created),
    resolved_at: showMoment(request.resolved, ''),
    resolution_text: request.resolution_text,
  };
}

function showTerm(
  { channel }: HelixPlace,
  term: { id: string; text: string; moderator_id: string; created: number },
) {
  return {
    broadcaster_id: channel.broadcaster_id,
    moderator_id: term.moderator_id,
    id: term.id,
    text: term.text,
    created_at: writeTime(term.created),
    updated_at: writeTime(term.created),
    expires_at: null,
  };
}

function showShield({ world }: HelixCall, { state: { shield } }: HelixPlace) {
  const moderator = world.users.get(shield.moderator_id);
  return {
    is_active: shield.is_active,
    moderator_id: moderator?.id ?? '',
    moderator_login: moderator?.login ?? '',
    moderator_name: moderator?.display_name ?? '',
    last_activated_at: showMoment(shield.last, ''),
  };
}

function showSuspicion(
  { channel, actor }: HelixPlace,
  user_id: string,
  status: string,
  updated: number,
) {
  return {
    user_id,
    broadcaster_id: channel.broadcaster_id,
    moderator_id: actor,
    updated_at: writeTime(updated),
    status,
    types: status === 'NO_TREATMENT' ? [] : ['MANUALLY_ADDED'],
  };
}
