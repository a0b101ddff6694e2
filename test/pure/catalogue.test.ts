// Real: the catalogue, the flags and Twitch. Fake: platforms made for a fault each, and no discovery.
import type { DiscoveryService } from '@nestjs/core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { type Action, type ActionDeclaration, defineAction } from '../../src/actions/action.js';
import { Flag, Id, Text } from '../../src/actions/fields.js';
import { listOf } from '../../src/actions/lists.js';
import { findNearestName, suggestName } from '../../src/actions/nearest-name.js';
import type { Platform } from '../../src/actions/platform.js';
import { Catalogue } from '../../src/execution/catalogue.js';
import { twitchActions } from '../../src/platforms/twitch/actions/index.js';
import { TwitchPlatform } from '../../src/platforms/twitch/twitch.platform.js';
import { openFlags } from '../support/flags.js';

class Knock {
  @Text('What to say')
  message!: string;
}

class Knocked {
  @Flag('Somebody opened')
  opened!: boolean;

  @Id('Who it was', { optional: true })
  who_id?: string;
}

class Nothing {}

const KNOCK: ActionDeclaration<Knock, Knocked> = {
  type: 'knock',
  group: 'doors',
  summary: 'Knock at a door',
  docs: 'https://example.org/knock',
  effect: 'create',
  scopes: [],
  actsAs: 'account',
  input: Knock,
  output: Knocked,
  request: ({ message }) => ({ method: 'POST', path: '/knock', body: { message } }),
  response: () => ({ opened: true }),
  example: { input: { message: 'hello' }, output: { opened: true } },
};

class Seen {
  @Id('What is there')
  id!: string;
}

const LOOK = defineAction({
  type: 'look',
  group: 'windows',
  summary: 'Look out of the window',
  docs: 'https://example.org/look',
  effect: 'read',
  scopes: [],
  actsAs: 'account',
  input: Nothing,
  output: listOf(Seen),
  request: () => ({ method: 'GET', path: '/things' }),
  response: () => ({ items: [{ id: '1' }] }),
  example: { input: {}, output: { items: [{ id: '1' }] } },
});

const change = (more: object): Action =>
  defineAction({ ...KNOCK, ...more } as ActionDeclaration<Knock, Knocked>);

const platform = (name: string, ...actions: readonly Action[]): Platform =>
  ({
    name,
    title: name,
    groups: { doors: 'Doors', windows: 'Windows' },
    actions,
    apiUrl: 'https://api.example',
  }) as unknown as Platform;

const open = (switches: Record<string, boolean> = {}): Catalogue =>
  new Catalogue(undefined as unknown as DiscoveryService, openFlags(switches));

/** Why the catalogue does not open, sentence by sentence; none when it does. */
async function listFaults(...platforms: readonly Platform[]): Promise<string[]> {
  try {
    await open().take(platforms);
    return [];
  } catch (error) {
    const [title, ...faults] = (error as Error).message.split('\n  - ');
    if (title === 'The catalogue cannot open:') return faults;
    throw error;
  }
}

describe('the start of the catalogue', () => {
  it('takes a whole declaration', async () => {
    expect(await listFaults(platform('house', defineAction(KNOCK)))).toEqual([]);
  });

  const refusals: readonly [name: string, action: Action, fault: string][] = [
    [
      'a type in other letters',
      change({ type: 'knockTwice' }),
      'house.knockTwice: the type must be snake_case, such as chat_message',
    ],
    [
      'an unknown group',
      change({ group: 'dors' }),
      'house.knock: unknown group "dors". Did you mean "doors"? Take one of doors, windows, or add it to the platform\'s groups',
    ],
    [
      'a group that only JavaScript knows',
      change({ group: 'constructor' }),
      'house.knock: unknown group "constructor". Take one of doors, windows, or add it to the platform\'s groups',
    ],
    [
      'an action that is called like a group',
      change({ type: 'windows' }),
      'house.windows: a group is called the same, and one flag would mean both; rename one of them',
    ],
    [
      'an output without fields',
      change({ output: Nothing, example: { input: { message: 'a' }, output: {} } }),
      'house.knock: the output class declares no field; say with field decorators what a caller gets back',
    ],
    [
      'an example that its own input refuses',
      change({ example: { input: {}, output: { opened: true } } }),
      'house.knock: its own example is refused (parameters.message: is missing: what to say); mend the example or the fields',
    ],
    [
      'an example that its own check refuses',
      change({ check: () => [{ field: 'message', message: 'is never right' }] }),
      'house.knock: its own example is refused (parameters.message: is never right); mend the example or the fields',
    ],
    [
      'an example whose output does not fit',
      change({ example: { input: { message: 'a' }, output: { who_id: 'x y' } } }),
      'house.knock: the output of its example does not fit, opened is missing: somebody opened; mend the example or the output class',
    ],
    [
      'a request that fails for the example',
      change({
        request: () => {
          throw new Error('no door');
        },
      }),
      'house.knock: its example cannot be rehearsed (no door)',
    ],
    [
      'a script whose read has no placeholder',
      change({
        request: undefined,
        response: undefined,
        run: async (
          _input: Knock,
          _context: unknown,
          upstream: { send(r: object): Promise<unknown> },
        ) => upstream.send({ method: 'GET', path: '/doors' }),
      }),
      'house.knock: its example cannot be rehearsed (GET /doors has no placeholder: a dry run could not show what follows it)',
    ],
    [
      'a script that sends nothing',
      change({ request: undefined, response: undefined, run: async () => ({ opened: true }) }),
      'house.knock: its example cannot be rehearsed (it sends nothing)',
    ],
  ];

  it.each(refusals)('refuses %s, and says how to mend it', async (_name, action, fault) => {
    expect(await listFaults(platform('house', action))).toContain(fault);
  });

  it('refuses two actions of one name, and two platforms', async () => {
    const knock = defineAction(KNOCK);
    expect(await listFaults(platform('house', knock, change({ summary: 'Another' })))).toEqual([
      'Two actions are called "house.knock": give one of them another type',
    ]);
    expect(await listFaults(platform('house', knock), platform('house', knock))).toEqual([
      'Two platforms are called "house": rename one of them',
    ]);
    expect(await listFaults(platform('house', knock), platform('barn', knock))).toEqual([]);
  });

  it.each([
    [
      'a read that is not there',
      { read: 'peep' },
      '"peep", which is no action that reads; name one',
    ],
    [
      'an action that changes something',
      { read: 'knock' },
      '"knock", which is no action that reads; name one',
    ],
    [
      'a member that the items do not have',
      { read: 'look', value: 'nr' },
      '"nr", which look does not have; name what it has',
    ],
    [
      'a parameter that the read does not have',
      { read: 'look', search: 'text' },
      '"text", which look does not have; name what it has',
    ],
  ])('refuses choices from %s', async (_name, choice, fault) => {
    const house = {
      ...platform('house', defineAction(KNOCK), LOOK),
      choices: { message: { value: 'id', label: 'id', ...choice } },
    };
    expect(await listFaults(house)).toEqual([`house: the choices of "message" name ${fault}`]);
  });

  it('tells the choices of the parameters that an action has', async () => {
    const catalogue = open();
    const choices = { message: { read: 'look', value: 'id', label: 'id' } };
    await catalogue.take([{ ...platform('house', defineAction(KNOCK), LOOK), choices }]);
    const told = { message: { ...choices.message, needs: [] } };
    expect(catalogue.describe('house').map((action) => action.choices)).toEqual([told, {}]);
  });

  it('names every fault at once', async () => {
    const wrong = change({ type: 'Knock', group: 'roofs' });
    expect(await listFaults(platform('house', wrong, defineAction(KNOCK), wrong))).toHaveLength(3);
  });

  it('takes a script whose reads have placeholders, and a reading action that reads', async () => {
    const read = { method: 'GET', path: '/doors' };
    const look = change({ type: 'look', effect: 'read', request: () => read });
    const find = change({
      type: 'find',
      request: undefined,
      response: undefined,
      run: async (
        _input: Knock,
        _context: unknown,
        upstream: { send(r: object): Promise<unknown> },
      ) => {
        await upstream.send({ ...read, placeholder: { data: [] } });
        await upstream.send({ method: 'POST', path: '/knock' });
        return { opened: true };
      },
    });
    expect(await listFaults(platform('house', look, find))).toEqual([]);
  });
});

/** A catalogue of Twitch and a house. */
async function fill(switches: Record<string, boolean> = {}): Promise<Catalogue> {
  const catalogue = open(switches);
  const settings = { apiUrl: 'https://a', authUrl: 'https://b', clientId: 'c', clientSecret: 'd' };
  const platforms = [new TwitchPlatform(settings), platform('house', defineAction(KNOCK))];
  await catalogue.take(platforms);
  return catalogue;
}

describe('an open catalogue', () => {
  it('finds actions by platform and type', async () => {
    const catalogue = await fill();
    expect(catalogue.get('twitch', 'ban').action.type).toBe('ban');
    expect(catalogue.platform('house').name).toBe('house');
    expect(catalogue.list()).toHaveLength(twitchActions.length + 1);
  });

  const unknown: readonly [platform: string, type: string, message: string][] = [
    ['twich', 'ban', 'Unknown platform: twich. Did you mean "twitch"?'],
    ['Twitch', 'ban', 'Unknown platform: Twitch. Did you mean "twitch"?'],
    ['mastodon', 'ban', 'Unknown platform: mastodon. Known: twitch, house'],
    ['', '', 'Unknown platform: (empty). Known: twitch, house'],
    ['twitch', 'chat_mesage', 'Unknown action type: chat_mesage. Did you mean "chat_message"?'],
    ['twitch', 'VIP_ADD', 'Unknown action type: VIP_ADD. Did you mean "vip_add"?'],
    ['house', 'set_on_fire', 'Unknown action type: set_on_fire. house has: knock'],
    ['house', 'x'.repeat(200), `Unknown action type: ${'x'.repeat(64)}…. house has: knock`],
    ['twitch', 'constructor', 'Unknown action type: constructor.'],
    ['__proto__', 'ban', 'Unknown platform: __proto__.'],
  ];

  it.each(unknown)('names the nearest for %s.%s', async (name, type, message) => {
    const catalogue = await fill();
    expect(() => catalogue.get(name, type)).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_ACTION',
        message: expect.stringContaining(message) as string,
      }),
    );
  });

  it('describes one action, one platform or all', async () => {
    const catalogue = await fill({ ENABLE_TWITCH_CHAT_ACTIONS: false });
    expect(catalogue.describe()).toHaveLength(twitchActions.length + 1);
    expect(catalogue.describe('twitch')).toHaveLength(twitchActions.length);
    expect(catalogue.describe('', '')).toHaveLength(twitchActions.length + 1);
    expect(catalogue.describe('house', 'knock')).toEqual([
      {
        platform: 'house',
        action_type: 'knock',
        group: 'doors',
        summary: 'Knock at a door',
        docs_url: 'https://example.org/knock',
        effect: 'create',
        destructive: false,
        repeatable: false,
        takes_actor: false,
        scopes: [],
        permissions: [],
        enabled: true,
        input_schema: expect.objectContaining({ required: ['message'] }) as object,
        output_schema: expect.objectContaining({ required: ['opened'] }) as object,
        example: KNOCK.example,
        choices: {},
      },
    ]);
    expect(catalogue.describe('twitch', 'whisper')[0]).toMatchObject({ enabled: false });
    expect(() => catalogue.describe('twitch', 'wisper')).toThrow('Did you mean "whisper"?');
    expect(() => catalogue.describe('youtube')).toThrow('Unknown platform: youtube');
  });

  it('describes schemas that a strict validator compiles, and examples that fit them', async () => {
    const ajv = new Ajv2020({ strict: true, multipleOfPrecision: 6 });
    for (const described of (await fill()).describe()) {
      ajv.validate(described.input_schema, described.example.input);
      expect([described.action_type, ajv.errors]).toEqual([described.action_type, null]);
      ajv.validate(described.output_schema, described.example.output);
      expect([described.action_type, ajv.errors]).toEqual([described.action_type, null]);
    }
  });
});

describe('findNearestName', () => {
  it.each([
    ['mesage', 'message'],
    ['MESSAGE', 'message'],
    ['message_text', undefined],
    ['masage', 'message'],
    ['id', undefined],
    ['', undefined],
    ['x'.repeat(101), undefined],
  ])('finds for "%s": %s', (name, nearest) => {
    expect(findNearestName(name, ['message', 'duration'])).toBe(nearest);
  });

  it('finds nothing among nothing', () => {
    expect(findNearestName('a', [])).toBeUndefined();
    expect(suggestName('a', [])).toBe('');
    expect(suggestName('duratoin', ['duration'])).toBe(' Did you mean "duration"?');
  });
});
