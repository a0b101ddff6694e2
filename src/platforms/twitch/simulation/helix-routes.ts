import { writeTime } from '../../../sandbox/exchange.js';
import type { ChannelState } from './channel-state.js';
import { type HelixCall, HelixRefusal, type HelixResult } from './helix-call.js';
import type { TwitchChannel } from './world.js';

/** Whom a call is about: the channel, what else it has, and who acts there. */
export interface HelixPlace {
  readonly channel: TwitchChannel;
  readonly state: ChannelState;
  /** The user whose token it is, or who moderates. */
  readonly actor: string;
}

type Handler = (call: HelixCall, place: HelixPlace) => HelixResult;

/** A call of the broadcaster alone, named by `broadcaster_id`. */
export function own(handle: Handler): (call: HelixCall) => HelixResult {
  return (call) => {
    const id = call.requireId('broadcaster_id');
    call.requireSelf('broadcaster_id', id);
    return handle(call, openPlace(call, id, id));
  };
}

/** A call of a moderator, named by `moderator_id`, in the channel of `broadcaster_id`. */
export function moderated(handle: Handler): (call: HelixCall) => HelixResult {
  return (call) => {
    const channel = call.requireChannel('broadcaster_id', call.requireId('broadcaster_id'));
    const actor = call.requireId('moderator_id');
    call.requireSelf('moderator_id', actor);
    call.requireModerator(actor, channel);
    return handle(call, openPlace(call, channel.broadcaster_id, actor));
  };
}

/** A call about a channel that anybody may make. */
export function open(handle: Handler, name = 'broadcaster_id'): (call: HelixCall) => HelixResult {
  return (call) => {
    const channel = call.requireChannel(name, call.requireId(name));
    return handle(call, openPlace(call, channel.broadcaster_id, call.userId ?? ''));
  };
}

/** A call of the token's own user, whose channel it is about. */
export function ofUser(handle: Handler): (call: HelixCall) => HelixResult {
  return (call) => {
    const id = call.userId;
    if (id === undefined) throw new HelixRefusal(401, 'Missing User OAUTH Token');
    return handle(call, openPlace(call, id, id));
  };
}

function openPlace({ world }: HelixCall, id: string, actor: string): HelixPlace {
  return { channel: world.channel(id), state: world.state(id), actor };
}

export const NO_CONTENT: HelixResult = { status: 204 };

export function answerOne(item: object): HelixResult {
  return { value: { data: [item] } };
}

export function answerList(items: readonly object[]): HelixResult {
  return { value: { data: items } };
}

/** A person as most answers show one. */
export function showUser({ world }: HelixCall, id: string) {
  const { login, display_name } = world.user(id);
  return { user_id: id, user_login: login, user_name: display_name };
}

export function showBroadcaster({ world }: HelixCall, id: string) {
  const { login, display_name } = world.user(id);
  return { broadcaster_id: id, broadcaster_login: login, broadcaster_name: display_name };
}

/** A moment, or what stands for none. */
export function showMoment<None>(at: number | null, none: None): string | None {
  return at === null ? none : writeTime(at);
}

/** A moment of a query or a body, in Unix milliseconds. */
export function readMoment(name: string, text: string): number {
  const at = Date.parse(text);
  if (!/^\d{4}-\d\d-\d\dT/.test(text) || Number.isNaN(at))
    throw new HelixRefusal(400, `The ${name} field is not a time in RFC 3339.`);
  return at;
}

/** A flag of the query. */
export function readQueryFlag(call: HelixCall, name: string): boolean | undefined {
  const text = call.readQuery(name);
  if (text === undefined) return undefined;
  if (text !== 'true' && text !== 'false')
    throw new HelixRefusal(400, `The value of ${name} is not a boolean.`);
  return text === 'true';
}

/** A whole number of the query. */
export function readQueryInteger(
  call: HelixCall,
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const text = call.readQuery(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new HelixRefusal(400, `The value of ${name} must be in the range ${min} through ${max}.`);
  return value;
}
