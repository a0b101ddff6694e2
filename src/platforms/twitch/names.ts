import type { ActionContext, Upstream } from '../../actions/action.js';
import { type FieldOptions, List, Text } from '../../actions/fields.js';
import { requireOne } from '../../actions/lists.js';
import { readList } from './twitch-action.js';

/** A login rarely changes, and no other user gets it for months. */
const USER_SECONDS = 300;
const GAME_SECONDS = 3_600;
const REWARD_SECONDS = 60;

const ID = /^[0-9]+$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A user: an id, or a login with or without "@". A login of digits alone needs the "@". */
export function TwitchUser(description: string, options: FieldOptions = {}): PropertyDecorator {
  return (prototype, property) =>
    Text(`${description}: an id, or a login such as "@name"`, {
      ...options,
      max: 26,
      pattern: /^([0-9]{1,20}|@?[A-Za-z0-9_]{1,25})$/,
      patternMeans: 'an id of digits, or a login such as "@name"',
      ...nameAlias(property),
      findId: (text, { field }, upstream) =>
        ID.test(text) ? undefined : findUser(text, field, upstream),
    })(prototype, property);
}

interface UsersOptions extends FieldOptions {
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** Users, each as an id or a login. */
export function TwitchUsers(description: string, options: UsersOptions = {}): PropertyDecorator {
  return List(`${description}: ids, or logins such as "@name"`, {
    ...options,
    maxLength: 26,
    unique: true,
    pattern: /^([0-9]{1,20}|@?[A-Za-z0-9_]{1,25})$/,
    patternMeans: 'an id of digits, or a login such as "@name"',
    findId: (text, { field }, upstream) =>
      ID.test(text) ? undefined : findUser(text, field, upstream),
  });
}

/** A game or category: an id, or its exact name. */
export function TwitchGame(description: string, options: FieldOptions = {}): PropertyDecorator {
  return (prototype, property) =>
    Text(`${description}: an id, or its exact name`, {
      ...options,
      max: 200,
      visible: true,
      ...nameAlias(property),
      findId: (text, { field }, upstream) =>
        ID.test(text) ? undefined : findGame(text, field, upstream),
    })(prototype, property);
}

/** A reward of the account's channel: an id, or its title. */
export function TwitchReward(description: string, options: FieldOptions = {}): PropertyDecorator {
  return (prototype, property) =>
    Text(`${description}: an id, or its title`, {
      ...options,
      max: 45,
      visible: true,
      ...nameAlias(property),
      findId: (text, { field, context }, upstream) =>
        UUID.test(text) ? undefined : findReward(text, field, context, upstream),
    })(prototype, property);
}

/** `user_id` may be written as `user`. */
function nameAlias(property: string | symbol): { readonly alias?: string } {
  const name = String(property);
  return name.endsWith('_id') ? { alias: name.slice(0, -'_id'.length) } : {};
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-users */
async function findUser(name: string, field: string, upstream: Upstream): Promise<string> {
  const login = name.replace(/^@/, '').toLowerCase();
  const answer = await upstream.look(
    {
      method: 'GET',
      path: '/users',
      query: { login },
      placeholder: { data: [{ id: `<id of @${login}>`, login }] },
    },
    USER_SECONDS,
  );
  const found = readList<{ id: string; login: string }>(answer);
  const candidates = found.map((user) => ({ id: user.id, label: user.login }));
  return requireOne(field, name, 'user of Twitch', candidates);
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-games */
async function findGame(name: string, field: string, upstream: Upstream): Promise<string> {
  const answer = await upstream.look(
    {
      method: 'GET',
      path: '/games',
      query: { name },
      placeholder: { data: [{ id: `<id of "${name}">`, name }] },
    },
    GAME_SECONDS,
  );
  const found = readList<{ id: string; name: string }>(answer);
  const candidates = found.map((game) => ({ id: game.id, label: game.name }));
  return requireOne(field, name, 'game of Twitch', candidates);
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-custom-reward */
async function findReward(
  title: string,
  field: string,
  { account }: ActionContext,
  upstream: Upstream,
): Promise<string> {
  const ask = async (seconds: number) => {
    const answer = await upstream.look(
      {
        method: 'GET',
        path: '/channel_points/custom_rewards',
        query: { broadcaster_id: account.id },
        placeholder: { data: [{ id: `<id of "${title}">`, title }] },
      },
      seconds,
    );
    const wanted = title.toLowerCase();
    return readList<{ id: string; title: string }>(answer)
      .filter((reward) => reward.title.toLowerCase() === wanted)
      .map((reward) => ({ id: reward.id, label: reward.title }));
  };
  const known = await ask(REWARD_SECONDS);
  // A reward that was made a moment ago is not in an older answer.
  return requireOne(field, title, 'reward of the channel', known.length > 0 ? known : await ask(0));
}
