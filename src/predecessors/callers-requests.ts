import { isObject } from '../actions/json.js';
import { refuse } from '../actions/door-refusal.js';
import {
  ACTION_ALIASES,
  PARAMETER_ALIASES,
  PARTED_BY_BARS,
  SPEAKS,
  TEXT_NAMES,
  WORD_ORDER,
} from './command-words.js';
import { type Entities, findChannel, findPlatform, readPlatform } from './entities.js';
import { type EarlierRequest, PREDECESSOR_NAMES, type PredecessorName } from './predecessor.js';

/** The hub times out after ten seconds, and is answered before. */
const HUB_BUDGET_MS = 8_000;

/** A request of one of the services that spoke to all of the earlier ones, as an envelope. */
export interface CallersRequest {
  readonly envelope: EarlierRequest;
  /** Where it is not the usual time. */
  readonly budgetMs?: number;
  /** What tells the request from an equal one, such as that of somebody else. */
  readonly apart: string;
}

/** What the requests are read with. */
export interface CallersContext {
  /** The earlier service at whose address the request came. */
  readonly addressed: PredecessorName | undefined;
  /** The required parameters of an action; undefined for an unknown action. */
  readonly listNeeds: (platform: string, action: string) => readonly string[] | undefined;
  readonly entities: Entities;
  /** The signs that a command may begin with. */
  readonly prefixes: string;
}

/**
 * The router's `/api/v1/execute`: `command` names an action (`!clip`, `twitch.chat_message`, or
 * `chat_message` with the platform in `platform`, in front of `entity_id`, or in the address), `args` its
 * parameters, or the words behind the command.
 * @throws DoorRefusal naming the field
 */
export function readCommand(asked: EarlierRequest, context: CallersContext): CallersRequest {
  const { addressed, listNeeds, entities } = context;
  const command = stripPrefix(requireText(asked, 'command'), context);
  const [, prefix, name = command] = /^(\w+)[./:](\w+)$/.exec(command) ?? [];
  const hints = [prefix, asked['platform'], asked['entity_id']];
  const platform = findPlatform(hints, addressed, asked, entities);
  const action = findAction(platform, name, context) ?? name;
  const parameters = readArguments(asked, platform, action, listNeeds(platform, action), context);
  return makeRequest(platform, action, asked, parameters, context);
}

/**
 * The workflow's `/api/v1/execute-module`: `module_name` is the platform (`twitch`, `twitch_action_module`),
 * an action (`shoutout`) or both (`twitch_shoutout`); `input` holds `action_type` (or `command`, `action`)
 * and `parameters`, or the parameters themselves. A platform without an action says the text of `input`.
 * @throws DoorRefusal naming the field
 */
export function readModuleCall(asked: EarlierRequest, context: CallersContext): CallersRequest {
  const module = requireText(asked, 'module_name');
  const { input } = asked;
  if (!isObject(input)) throw refuse.malformed('input must be an object');
  const { action_type, command, action, parameters, platform: named, ...rest } = input;
  const module_action = nameModuleAction(module);
  const given = [action_type, command, action].find(isText);
  const name = given === undefined ? module_action : stripPrefix(given, context);
  const platform = findModulePlatform([module, named, asked['platform'], asked['entity_id']]);
  const { channel_id, broadcaster_id, account_id, ...others } = rest;
  const account = platform === 'discord' ? undefined : (account_id ?? broadcaster_id ?? channel_id);
  const own = platform === 'discord' && channel_id !== undefined ? { channel_id } : {};
  const about = account === undefined ? asked : { ...asked, entity_id: account };
  const plain = isObject(parameters) ? parameters : { ...own, ...others };
  if (name === '') return speak(platform, about, plain, context);
  const found = findAction(platform, name, context) ?? name;
  return makeRequest(platform, found, about, renameParameters(platform, found, plain), context);

  function findModulePlatform(hints: readonly unknown[]): PredecessorName {
    const hinted = hints.map(readPlatform).find((one) => one !== undefined);
    if (hinted) return hinted;
    const having = PREDECESSOR_NAMES.filter(
      (one) => name !== '' && findAction(one, name, context) !== undefined,
    );
    const [only, ...more] = having;
    return only && more.length === 0
      ? only
      : findPlatform([], context.addressed, asked, context.entities);
  }
}

/**
 * `/api/v1/send-message` of the hub (`message` is an object) and of the workflow (it is a text).
 * @throws DoorRefusal naming the field
 */
export function readMessage(asked: EarlierRequest, context: CallersContext): CallersRequest {
  const { addressed, entities } = context;
  const hints = [asked['platform'], asked['entity_id']];
  const platform = findPlatform(hints, addressed, asked, entities);
  const { message } = asked;
  if (isObject(message)) return readAnnouncement(asked, { ...context, addressed: platform });
  const text = requireText(asked, 'message');
  const { channel_id, target_user_id, reply_to_message: reply } = asked;
  const channel = isText(channel_id) ? channel_id : undefined;
  const about = channel === undefined ? asked : { ...asked, entity_id: channel };
  if (isText(target_user_id) && channel === undefined) {
    if (platform !== 'twitch')
      throw refuse.malformed(
        `target_user_id without channel_id is a message to one person, which ${platform} has no action for`,
      );
    const whisper = { to_user_id: target_user_id, message: text };
    return makeRequest(platform, 'whisper', asked, whisper, context);
  }
  const replied = isText(reply) ? reply : undefined;
  const [action, textName] = SPEAKS[platform];
  const parameters =
    platform === 'discord'
      ? { channel_id: channel, reply_to_message_id: replied }
      : platform === 'twitch'
        ? { reply_parent_message_id: replied }
        : {};
  return makeRequest(platform, action, about, { ...parameters, [textName]: text }, context);
}

/**
 * The hub's announcements: `server_id` is the channel of Twitch or YouTube, `channel_id` that of Discord.
 * @throws DoorRefusal naming the field
 */
export function readAnnouncement(asked: EarlierRequest, context: CallersContext): CallersRequest {
  const platform = findPlatform([asked['platform']], context.addressed, asked, context.entities);
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
    ...makeRequest(platform, action, about, parameters, context),
    budgetMs: HUB_BUDGET_MS,
  };
}

function makeRequest(
  platform: PredecessorName,
  action: string,
  asked: EarlierRequest,
  parameters: Readonly<Record<string, unknown>>,
  { entities, listNeeds }: CallersContext,
): CallersRequest {
  const { session_id: session, user_id: user } = asked;
  const channel = findChannel(asked, platform, entities);
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  // A bot of Discord acts on every server that it was added to, so the entity names no account.
  const isOfBot = platform === 'discord';
  const lacksChannel =
    isOfBot &&
    listNeeds(platform, action)?.includes('channel_id') === true &&
    parameters['channel_id'] === undefined;
  return {
    envelope: {
      platform,
      action_type: action,
      ...(!isOfBot && { account_id: channel ?? '' }),
      parameters: {
        ...(Object.fromEntries(given) as Record<string, unknown>),
        ...(lacksChannel && channel !== undefined && { channel_id: channel }),
      },
      ...(isText(session) && { request_id: session }),
    },
    apart: [session, user].filter((part) => isText(part) || typeof part === 'number').join(' '),
  };
}

/** What a module says that is asked for by its platform alone. */
function speak(
  platform: PredecessorName,
  asked: EarlierRequest,
  input: Readonly<Record<string, unknown>>,
  context: CallersContext,
): CallersRequest {
  const [action, textName] = SPEAKS[platform];
  const name = TEXT_NAMES.find((one) => isText(input[one]));
  if (platform === 'discord' && isObject(input['embed']) && name === undefined)
    return makeRequest(platform, 'send_embed', asked, input, context);
  if (name === undefined)
    throw refuse.malformed(
      'input.action_type is missing: name the action, or give the text to say as message',
    );
  const { [name]: text, ...others } = input;
  return makeRequest(platform, action, asked, { ...others, [textName]: text }, context);
}

/** The action in the name of a module, such as `shoutout` of `twitch_shoutout_module`; empty for none. */
function nameModuleAction(module: string): string {
  return module
    .toLowerCase()
    .replaceAll('-', '_')
    .replace(/^(twitch|youtube|discord)(_|$)/, '')
    .replace(/(^|_)(interaction|action)?(_?module)?$/, '');
}

function findAction(
  platform: PredecessorName,
  name: string,
  { listNeeds }: CallersContext,
): string | undefined {
  const small = name.toLowerCase();
  const candidates = [name, small, ACTION_ALIASES[platform][small]];
  return candidates.find((one) => one !== undefined && listNeeds(platform, one) !== undefined);
}

function renameParameters(
  platform: PredecessorName,
  action: string,
  parameters: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const names = PARAMETER_ALIASES[`${platform}.${action}`] ?? {};
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [names[name] ?? name, value]),
  );
}

/** @throws DoorRefusal for arguments that are ambiguous */
function readArguments(
  asked: EarlierRequest,
  platform: PredecessorName,
  action: string,
  needs: readonly string[] = [],
  context: CallersContext,
): Readonly<Record<string, unknown>> {
  const { args, message } = asked;
  if (isObject(args)) return renameParameters(platform, action, args);
  const isGiven = args !== undefined && args !== null;
  const words: readonly unknown[] = Array.isArray(args) ? args : isGiven ? [args] : [];
  if (!words.every((word) => typeof word === 'string'))
    throw refuse.malformed('args must be an object of parameters, a text or a list of texts');
  const text = (isGiven ? words.join(' ') : readBehindCommand(message, context)).trim();
  if (text === '') return {};
  const name = `${platform}.${action}`;
  const needed = platform === 'discord' ? needs.filter((one) => one !== 'channel_id') : needs;
  const order = WORD_ORDER[name] ?? needed;
  if (order.length === 0 && !isGiven) return {};
  if (order.length === 0 || (WORD_ORDER[name] === undefined && order.length > 1))
    throw refuse.malformed(
      'args must be an object of parameters here: the action does not take one text alone',
    );
  return PARTED_BY_BARS.has(name) ? partByBars(text, order) : spreadWords(text, order);
}

/** The words in their order; the last parameter takes what is left. */
function spreadWords(text: string, order: readonly string[]): Record<string, string> {
  const words = text.split(/\s+/);
  const spread: Record<string, string> = {};
  for (const [index, name] of order.entries()) {
    const isLast = index === order.length - 1;
    const value =
      isLast && order.length === 1
        ? text
        : words.slice(index, isLast ? undefined : index + 1).join(' ');
    if (value !== '') spread[name] = value;
  }
  return spread;
}

function partByBars(text: string, [first = '', rest = '']: readonly string[]) {
  const [title = '', ...parts] = text.split('|').map((part) => part.trim());
  return { [first]: title, ...(parts.length > 0 && { [rest]: parts }) };
}

/** What stands behind the command in the text of the chat. */
function readBehindCommand(message: unknown, { prefixes }: CallersContext): string {
  if (typeof message !== 'string') return '';
  const begins = prefixes.includes(message.charAt(0));
  return message !== '' && begins ? message.replace(/^\S+\s*/, '') : message;
}

function stripPrefix(command: string, { prefixes }: CallersContext): string {
  const bare = command.trim();
  let at = 0;
  while (at < bare.length - 1 && prefixes.includes(bare.charAt(at))) at += 1;
  return bare.slice(at);
}

function requireText(asked: EarlierRequest, name: string): string {
  const value = asked[name];
  if (isText(value)) return value;
  throw refuse.malformed(`${name} is missing, or is no text`);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
