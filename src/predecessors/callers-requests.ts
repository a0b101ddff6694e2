import { isObject } from '../actions/json.js';
import { refuse } from '../actions/door-refusal.js';
import { type EarlierRequest, PREDECESSOR_NAMES, type PredecessorName } from './predecessor.js';

/** The hub times out after ten seconds, and is answered before. */
const HUB_BUDGET_MS = 8_000;

/** A request of one of the services that spoke to all of the earlier ones, as an envelope. */
export interface CallersRequest {
  readonly envelope: EarlierRequest;
  /** Where it is not the usual time. */
  readonly budgetMs?: number;
}

/** The required parameters of an action; undefined for an unknown action. */
export type ListRequired = (platform: string, action: string) => readonly string[] | undefined;

/**
 * The router's `/api/v1/execute`: `command` names an action (`twitch.chat_message`, or `chat_message` with
 * the platform in `platform`, in front of `entity_id`, or in the address), `args` its parameters, or the
 * words of its one text.
 * @throws DoorRefusal naming the field
 */
export function readCommand(
  asked: EarlierRequest,
  addressed: PredecessorName | undefined,
  listNeeds: ListRequired,
): CallersRequest {
  const command = requireText(asked, 'command');
  const [, prefix, action = command] = /^(\w+)[./:](\w+)$/.exec(command) ?? [];
  const platform = findPlatform([prefix, asked['platform'], asked['entity_id']], addressed);
  const needs = listNeeds(platform, action) ?? [];
  const parameters = readArguments(asked, needs);
  return { envelope: writeCallersEnvelope(platform, action, asked, parameters) };
}

/**
 * The workflow's `/api/v1/execute-module`: `module_name` is the platform (`twitch`, `twitch_action_module`),
 * `input` holds `action_type` (or `command`, `action`) and `parameters`, or the parameters themselves.
 * @throws DoorRefusal naming the field
 */
export function readModuleCall(asked: EarlierRequest): CallersRequest {
  const platform = findPlatform([requireText(asked, 'module_name')], undefined);
  const { input } = asked;
  if (!isObject(input)) throw refuse.malformed('input must be an object');
  const { action_type, command, action, parameters, ...rest } = input;
  const type = [action_type, command, action].find((name) => typeof name === 'string' && name);
  if (typeof type !== 'string')
    throw refuse.malformed('input.action_type is missing: name the action');
  const { channel_id, broadcaster_id, account_id, ...others } = rest;
  const account = platform === 'discord' ? undefined : (account_id ?? broadcaster_id ?? channel_id);
  const own = platform === 'discord' && channel_id !== undefined ? { channel_id } : {};
  const given = isObject(parameters) ? parameters : { ...own, ...others };
  const about = account === undefined ? asked : { ...asked, entity_id: account };
  return { envelope: writeCallersEnvelope(platform, type, about, given) };
}

/**
 * `/api/v1/send-message` of the hub (`message` is an object) and of the workflow (it is a text).
 * @throws DoorRefusal naming the field
 */
export function readMessage(
  asked: EarlierRequest,
  addressed: PredecessorName | undefined,
): CallersRequest {
  const platform = findPlatform([asked['platform'], asked['entity_id']], addressed);
  const { message } = asked;
  if (isObject(message)) return readAnnouncement(asked, platform);
  const text = requireText(asked, 'message');
  const { channel_id, target_user_id, reply_to_message: reply } = asked;
  const about = isText(channel_id) ? { ...asked, entity_id: channel_id } : asked;
  const isToPerson = isText(target_user_id) && !isText(channel_id);
  if (isToPerson && platform !== 'twitch')
    throw refuse.malformed(
      `target_user_id without channel_id is a message to one person, which ${platform} has no action for`,
    );
  if (isToPerson) {
    const whisper = { to_user_id: target_user_id, message: text };
    return { envelope: writeCallersEnvelope(platform, 'whisper', asked, whisper) };
  }
  const replied = isText(reply) ? reply : undefined;
  if (platform === 'discord') {
    const parameters = { channel_id, content: text, reply_to_message_id: replied };
    return { envelope: writeCallersEnvelope(platform, 'send_message', asked, parameters) };
  }
  const [action, parameters] =
    platform === 'youtube'
      ? ['send_live_chat_message', { message: text }]
      : ['chat_message', { message: text, reply_parent_message_id: replied }];
  return { envelope: writeCallersEnvelope(platform, action, about, parameters) };
}

/**
 * The hub's announcements: `server_id` is the channel of Twitch or YouTube, `channel_id` that of Discord.
 * @throws DoorRefusal naming the field
 */
export function readAnnouncement(
  asked: EarlierRequest,
  addressed: PredecessorName | undefined,
): CallersRequest {
  const platform = findPlatform([asked['platform']], addressed);
  const { server_id, channel_id } = asked;
  const message = isObject(asked['message']) ? asked['message'] : { message: asked['message'] };
  const about = { ...asked, entity_id: isText(server_id) ? server_id : channel_id };
  const text = message['message'];
  const [action, parameters] =
    platform === 'discord'
      ? message['embed'] === undefined
        ? ['send_message', { channel_id, content: text }]
        : ['send_embed', { channel_id, embed: message['embed'] }]
      : platform === 'youtube'
        ? ['send_live_chat_message', { message: text }]
        : ['announcement', { message: text, color: message['color'] }];
  return {
    envelope: writeCallersEnvelope(platform, action, about, parameters),
    budgetMs: HUB_BUDGET_MS,
  };
}

function writeCallersEnvelope(
  platform: PredecessorName,
  action: string,
  { entity_id: entity, session_id: session }: EarlierRequest,
  parameters: Readonly<Record<string, unknown>>,
): EarlierRequest {
  const account =
    typeof entity === 'string' ? entity.replace(/^(twitch|youtube|discord)[:/]/, '') : entity;
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return {
    platform,
    action_type: action,
    // A bot of Discord acts on every server that it was added to, so the entity names no account.
    ...(platform !== 'discord' && { account_id: account ?? '' }),
    parameters: Object.fromEntries(given),
    ...(isText(session) && { request_id: session }),
  };
}

/** @throws DoorRefusal when none of the hints names a platform */
function findPlatform(
  hints: readonly unknown[],
  addressed: PredecessorName | undefined,
): PredecessorName {
  for (const hint of hints) {
    if (!isText(hint)) continue;
    const found = PREDECESSOR_NAMES.find((name) =>
      new RegExp(`^${name}([_:/-]|$)`, 'i').test(hint),
    );
    if (found) return found;
  }
  if (addressed) return addressed;
  throw refuse.malformed('platform is missing: name twitch, youtube or discord');
}

/** @throws DoorRefusal for arguments that are ambiguous */
function readArguments(
  { args, message }: EarlierRequest,
  needs: readonly string[],
): Record<string, unknown> {
  if (isObject(args)) return args;
  const words = Array.isArray(args) ? args : args === undefined || args === null ? [] : [args];
  if (!words.every((word) => typeof word === 'string'))
    throw refuse.malformed('args must be an object of parameters, a text or a list of texts');
  const text = words.join(' ') || (typeof message === 'string' ? message : '');
  const [only, ...more] = needs;
  if (text === '' || (only === undefined && words.length === 0)) return {};
  if (only !== undefined && more.length === 0) return { [only]: text };
  throw refuse.malformed(
    'args must be an object of parameters here: the action does not take one text alone',
  );
}

function requireText(asked: EarlierRequest, name: string): string {
  const value = asked[name];
  if (isText(value)) return value;
  throw refuse.malformed(`${name} is missing, or is no text`);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
