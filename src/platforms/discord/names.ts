import { type ActionContext, type Upstream } from '../../actions/action.js';
import { refuseInput } from '../../actions/failures.js';
import { declareField, type FieldOptions } from '../../actions/fields.js';
import { type Candidate, requireOne } from '../../actions/lists.js';
import { refuseNumber } from '../../actions/text-fields.js';
import { buildPath, isSnowflake } from './discord-action.js';

/** Channels and roles are made and renamed now and then; a name that is not found is asked for again. */
const PLACES_SECONDS = 60;
const GUILDS_SECONDS = 300;
const MEMBERS_SECONDS = 60;
const MOST_FOUND = 100;

const ID = /^\d+$/;

/** A channel: an id, or a name such as "#general" of the server in `guild_id`. */
export function DiscordChannel(description: string, options: FieldOptions = {}): PropertyDecorator {
  return declareName(
    `${description}: an id, or "#name"`,
    '^#.{1,100}$',
    'a name such as "#general"',
    {
      ...options,
      findId: (text, about, upstream) =>
        ID.test(text) ? undefined : findChannel(text, about, upstream),
    },
  );
}

/** A role: an id, or a name such as "@Mods" of the server in `guild_id`. */
export function DiscordRole(description: string, options: FieldOptions = {}): PropertyDecorator {
  return declareName(`${description}: an id, or "@name"`, '^@.{1,100}$', 'a name such as "@Mods"', {
    ...options,
    findId: (text, about, upstream) =>
      ID.test(text) ? undefined : findRole(text, about, upstream),
  });
}

/** A member of the server in `guild_id`: an id, or a name such as "@name". */
export function DiscordUser(description: string, options: FieldOptions = {}): PropertyDecorator {
  return declareName(
    `${description}: an id, or "@name"`,
    '^@.{1,100}$|^[A-Za-z_][A-Za-z0-9_.]{1,31}$',
    'a name such as "@name"',
    {
      ...options,
      findId: (text, about, upstream) =>
        ID.test(text) ? undefined : findMember(text, about, upstream),
    },
  );
}

/** The server of names; only needed for names, and only where the bot is in several servers. */
export function GuildOfNames(): PropertyDecorator {
  return declareField(
    'Id of the server of what is given by name; left out where the bot is in one server alone',
    { optional: true },
    {
      schema: { type: 'string', minLength: 1, maxLength: 20, pattern: '^[1-9][0-9]{0,19}$' },
      coerce: (value) => value,
      findFault: (value) =>
        typeof value === 'string' && isSnowflake(value)
          ? undefined
          : 'must be an id of Discord, as text',
    },
  );
}

function declareName(
  description: string,
  pattern: string,
  means: string,
  options: FieldOptions,
): PropertyDecorator {
  const form = new RegExp(`^[1-9][0-9]{0,19}$|${pattern}`, 'u');
  const longest = 101;
  return (prototype, property) => {
    const name = String(property);
    declareField(
      description,
      { ...(name.endsWith('_id') && { alias: name.slice(0, -'_id'.length) }), ...options },
      {
        schema: { type: 'string', minLength: 1, maxLength: longest, pattern: form.source },
        coerce: (value) => value,
        findFault(value) {
          if (typeof value === 'number') return refuseNumber(value);
          const isRight = typeof value === 'string' && value.length <= longest && form.test(value);
          const isId = isRight && ID.test(value);
          return isRight && (!isId || isSnowflake(value))
            ? undefined
            : `must be an id of Discord as text, or ${means}`;
        },
      },
    )(prototype, property);
  };
}

interface About {
  readonly field: string;
  readonly input: object;
  readonly context: ActionContext;
}

interface Named {
  readonly id: string;
  readonly name: string;
  readonly parent_id?: string | null;
}

/** @see https://discord.com/developers/docs/resources/guild#get-guild-channels */
async function findChannel(text: string, about: About, upstream: Upstream): Promise<string> {
  const wanted = text.slice(1);
  const guild = await findGuild(text, about, upstream);
  const found = await findAmong(wanted, ['guilds', guild, 'channels'], upstream);
  const parents = new Map(found.all.map(({ id, name }) => [id, name]));
  const candidates = found.hits.map(({ id, name, parent_id }) => {
    const parent = parents.get(parent_id ?? '');
    return { id, label: parent === undefined ? `#${name}` : `#${name} in ${parent}` };
  });
  return requireOne(about.field, text, `channel of the server ${guild}`, candidates);
}

/** @see https://discord.com/developers/docs/resources/guild#get-guild-roles */
async function findRole(text: string, about: About, upstream: Upstream): Promise<string> {
  const guild = await findGuild(text, about, upstream);
  const { hits } = await findAmong(text.slice(1), ['guilds', guild, 'roles'], upstream, text);
  const candidates = hits.map(({ id, name }) => ({ id, label: name }));
  return requireOne(about.field, text, `role of the server ${guild}`, candidates);
}

/** What is called so; what was made a moment ago is not in an older answer. */
async function findAmong(
  wanted: string,
  path: readonly string[],
  upstream: Upstream,
  other = wanted,
): Promise<{ readonly all: readonly Named[]; readonly hits: readonly Named[] }> {
  for (const seconds of [PLACES_SECONDS, 0]) {
    const answer = await upstream.look<readonly Named[]>(
      {
        method: 'GET',
        path: buildPath(path),
        yes: 'list',
        placeholder: [{ id: `<id of ${wanted}>`, name: wanted }],
      },
      seconds,
    );
    const all = readArray(answer);
    const hits = all.filter(({ name }) => isCalled(name, wanted) || isCalled(name, other));
    if (hits.length > 0 || seconds === 0) return { all, hits };
  }
  return { all: [], hits: [] };
}

interface FoundMember {
  readonly user: { readonly id: string; readonly username: string; readonly global_name?: unknown };
  readonly nick?: unknown;
}

/** By user name, or else by the name that is shown. @see https://discord.com/developers/docs/resources/guild#search-guild-members */
async function findMember(text: string, about: About, upstream: Upstream): Promise<string> {
  const wanted = text.replace(/^@/, '');
  const guild = await findGuild(text, about, upstream);
  const answer = await upstream.look<readonly FoundMember[]>(
    {
      method: 'GET',
      path: buildPath(['guilds', guild, 'members', 'search']),
      yes: 'list',
      query: { query: wanted, limit: MOST_FOUND },
      placeholder: [{ user: { id: `<id of @${wanted}>`, username: wanted } }],
    },
    MEMBERS_SECONDS,
  );
  const members = readArray(answer);
  const exact = members.filter(({ user }) => isCalled(user.username, wanted));
  const shown = members.filter(
    ({ user, nick }) => isCalled(nick, wanted) || isCalled(user.global_name, wanted),
  );
  const candidates = (exact.length > 0 ? exact : shown).map(({ user, nick }): Candidate => ({
    id: user.id,
    label: typeof nick === 'string' ? `${user.username}, called ${nick}` : user.username,
  }));
  return requireOne(about.field, text, `member of the server ${guild}`, candidates);
}

/** The server of a name: the one that is named, or the only one that the bot is in. */
async function findGuild(
  text: string,
  { field, input }: About,
  upstream: Upstream,
): Promise<string> {
  const { guild_id } = input as { guild_id?: string };
  if (guild_id !== undefined) return guild_id;
  const guilds = readArray(
    await upstream.look<readonly Named[]>(
      {
        method: 'GET',
        path: '/users/@me/guilds',
        yes: 'list',
        placeholder: [{ id: '<id of the server>', name: '<its name>' }],
      },
      GUILDS_SECONDS,
    ),
  );
  const [only, ...others] = guilds;
  if (only && others.length === 0) return only.id;
  const shown = guilds.slice(0, 10).map(({ id, name }) => `${id} (${name})`);
  throw refuseInput([
    {
      field: 'parameters.guild_id',
      message: `is needed to find ${field} "${text}": the bot is in ${guilds.length} servers${shown.length > 0 ? `: ${shown.join(', ')}` : ''}`,
    },
  ]);
}

function isCalled(name: unknown, wanted: string): boolean {
  return typeof name === 'string' && name.toLowerCase() === wanted.toLowerCase();
}

function readArray<Item>(answer: readonly Item[]): readonly Item[] {
  return Array.isArray(answer) ? answer : [];
}
