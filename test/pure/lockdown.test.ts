// Real: the actions lockdown and unlock, and how they tell of their parts. Fake: Discord's channels and the record,
// which outlive a gateway that dies at any request.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActionFailure } from '../../src/actions/failures.js';
import type { Upstream } from '../../src/actions/action.js';
import type { PlatformRequest } from '../../src/actions/wire.js';
import { discordActions } from '../../src/platforms/discord/actions/index.js';

const GUILD = '800000000000000001';
const MODS = '600000000000000009';

interface Overwrite {
  readonly id: string;
  readonly type: number;
  readonly allow: string;
  readonly deny: string;
}

interface Channel {
  readonly id: string;
  readonly type: number;
  readonly name: string;
  permission_overwrites: Overwrite[];
}

/** The gateway dies here: it is no failure of an action. */
class Killed extends Error {}

/** When a gateway dies: at which write, and whether Discord has acted by then. */
interface Death {
  readonly write: number;
  readonly acted: boolean;
}

/** Discord and the database of the gateway, which stay when a gateway dies. */
class World {
  record: string | undefined;
  readonly written: string[] = [];
  /** What is said to writes of a channel in place of doing them. */
  readonly failures = new Map<string, ActionFailure>();
  afterWrite: (() => Promise<void>) | undefined;
  readonly known: Readonly<Record<string, unknown>>[] = [];

  constructor(readonly channels: Channel[]) {}

  /** The permissions as bytes, in no order, as Discord promises none. */
  get bytes(): string {
    const shown = this.channels.map(({ id, permission_overwrites }) => ({
      id,
      overwrites: permission_overwrites.toSorted((one, other) => one.id.localeCompare(other.id)),
    }));
    return JSON.stringify(shown);
  }

  /** Carries out an action in a gateway that may die. */
  run(type: string, parameters: object, death?: Death, actionId = 'action'): Promise<object> {
    const action = discordActions.find((one) => one.type === type);
    if (!action) throw new Error(`no action ${type}`);
    const context = { actionId, account: { id: 'default' }, actor: { id: 'default' } };
    return action.carryOut(action.parse(parameters, context), context, this.#open(death));
  }

  #open(death?: Death): Upstream {
    let writes = 0;
    const upstream: Partial<Upstream> = {
      send: async <Answer>(request: PlatformRequest): Promise<Answer> => {
        if (request.method === 'GET') return this.#read(request.path) as Answer;
        writes += 1;
        const dies = death?.write === writes;
        if (dies && !death.acted) throw new Killed();
        this.#write(request);
        await this.afterWrite?.();
        if (dies) throw new Killed();
        return undefined as Answer;
      },
      beginPart: (known) => {
        this.known.push(known);
      },
      changeRecord: async (_name, change) => (this.record = change(this.record)),
    };
    return upstream as Upstream;
  }

  #read(path: string): unknown {
    if (path === `/guilds/${GUILD}/roles`) return [{ id: GUILD }, { id: MODS }];
    return structuredClone(this.channels);
  }

  #write({ method, path, body }: PlatformRequest): void {
    const [, , channelId = '', , id = ''] = path.split('/');
    const failure = this.failures.get(channelId);
    if (failure) throw failure;
    this.written.push(`${method} ${channelId} ${id}`);
    const channel = this.channels.find((one) => one.id === channelId);
    if (!channel) throw new ActionFailure('NOT_FOUND', 'Unknown', { platformCode: '10003' });
    const others = channel.permission_overwrites.filter((one) => one.id !== id);
    const { allow, deny, type } = { ...body } as Record<string, number>;
    const next = { id, type: type ?? 0, allow: String(allow), deny: String(deny) };
    channel.permission_overwrites = method === 'DELETE' ? others : [...others, next];
  }
}

const SUMS = fc.constantFrom('0', '1024', '2048', '2097152', '274877906944', '4503599627370495');
const OVERWRITES = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom(GUILD, MODS, '6', '7'),
    type: fc.constant(0),
    allow: SUMS,
    deny: SUMS,
  }),
  { selector: ({ id }) => id, maxLength: 4 },
);
const CHANNELS = fc
  .array(fc.record({ type: fc.constantFrom(0, 2, 4, 5, 13, 15), overwrites: OVERWRITES }), {
    minLength: 1,
    maxLength: 6,
  })
  .filter((channels) => channels.some(({ type }) => type !== 4))
  .map((channels) =>
    channels.map(({ type, overwrites }, index): Channel => ({
      id: String(1_000 + index),
      type,
      name: `channel-${index}`,
      permission_overwrites: [...overwrites],
    })),
  );
const DEATHS = fc.array(fc.record({ write: fc.integer({ min: 1, max: 6 }), acted: fc.boolean() }), {
  maxLength: 4,
});
const LOCK = { guild_id: GUILD, role_ids: [MODS] };

const survive = (work: Promise<object>): Promise<unknown> =>
  work.catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error;
  });

describe('a server that is locked and unlocked', () => {
  it('is as it was to the byte, wherever gateways die on the way', async () => {
    await fc.assert(
      fc.asyncProperty(CHANNELS, DEATHS, DEATHS, async (channels, locking, unlocking) => {
        const world = new World(structuredClone(channels));
        const before = world.bytes;
        for (const death of locking) await survive(world.run('lockdown', LOCK, death));
        for (const death of unlocking)
          await survive(world.run('unlock', { guild_id: GUILD }, death));
        await world.run('unlock', { guild_id: GUILD });
        expect(world.bytes).toBe(before);
        expect(world.record).toBeUndefined();
      }),
      { numRuns: 500, seed: 20_261_130 },
    );
  });

  it('denies @everyone and the roles, and nothing else is changed', async () => {
    await fc.assert(
      fc.asyncProperty(CHANNELS, async (channels) => {
        const world = new World(structuredClone(channels));
        await world.run('lockdown', LOCK);
        for (const [index, { type, permission_overwrites }] of world.channels.entries()) {
          const earlier = channels[index]?.permission_overwrites ?? [];
          for (const { id, allow, deny } of permission_overwrites) {
            const was = earlier.find((one) => one.id === id);
            const bits = [GUILD, MODS].includes(id) ? bitsOf(type) : 0n;
            expect(BigInt(allow)).toBe(BigInt(was?.allow ?? 0) & ~bits);
            expect(BigInt(deny)).toBe(BigInt(was?.deny ?? 0) | bits);
          }
        }
      }),
      { numRuns: 200, seed: 20_261_130 },
    );
  });

  it('is not written again where it is locked already, and keeps what was recorded first', async () => {
    const world = new World([openChannel('1'), openChannel('2')]);
    const before = world.bytes;
    await world.run('lockdown', { guild_id: GUILD }, undefined, 'first');
    const writes = world.written.length;
    expect(await world.run('lockdown', { guild_id: GUILD }, undefined, 'second')).toEqual({
      locked: true,
      channels: 2,
      locked_channel_ids: ['1', '2'],
    });
    expect(world.written).toHaveLength(writes);
    await world.run('unlock', { guild_id: GUILD });
    expect(world.bytes).toBe(before);
  });

  it('that nobody locked is unlocked without a request', async () => {
    const world = new World([openChannel('1')]);
    const nothing = { unlocked: true, channels: 0, unlocked_channel_ids: [], gone_channel_ids: [] };
    expect(await world.run('unlock', { guild_id: GUILD })).toEqual(nothing);
    expect(world.written).toEqual([]);
  });

  it('was opened by hand in between: a new lockdown records how it is then', async () => {
    const world = new World([openChannel('1')]);
    await world.run('lockdown', { guild_id: GUILD });
    const channel = world.channels[0]!;
    channel.permission_overwrites = [{ id: GUILD, type: 0, allow: '2048', deny: '1024' }];
    const changed = world.bytes;
    await world.run('lockdown', { guild_id: GUILD });
    expect(world.bytes).not.toBe(changed);
    await world.run('unlock', { guild_id: GUILD });
    expect(world.bytes).toBe(changed);
  });

  it('stays recorded where a newer lockdown comes while it is unlocked', async () => {
    const world = new World([openChannel('1')]);
    const before = world.bytes;
    await world.run('lockdown', { guild_id: GUILD }, undefined, 'first');
    world.afterWrite = async () => {
      world.afterWrite = undefined;
      await world.run('lockdown', { guild_id: GUILD }, undefined, 'second');
    };
    await world.run('unlock', { guild_id: GUILD });
    expect(world.bytes).not.toBe(before);
    await world.run('unlock', { guild_id: GUILD });
    expect(world.bytes).toBe(before);
  });

  it('tells of channels that are deleted in the meantime', async () => {
    const world = new World([openChannel('1'), openChannel('2')]);
    await world.run('lockdown', { guild_id: GUILD });
    world.channels.pop();
    expect(await world.run('unlock', { guild_id: GUILD })).toMatchObject({
      unlocked: true,
      channels: 2,
      unlocked_channel_ids: ['1'],
      gone_channel_ids: ['2'],
    });
    expect(world.record).toBeUndefined();
  });
});

const REFUSED = new ActionFailure('REFUSED', 'Discord answered 403: Missing Permissions', {
  platformStatus: 403,
});
/** What a session says of a refusal after an accepted write. */
const REFUSED_LATER = new ActionFailure('OUTCOME_UNKNOWN', REFUSED.message, {
  refusedStep: REFUSED,
});
const DOUBT = new ActionFailure('OUTCOME_UNKNOWN', 'Discord answered 500');
const LIMITED = new ActionFailure('RATE_LIMITED', 'A limit is spent', { retryAfterMs: 5_000 });

async function failingLockdown(failures: Record<string, ActionFailure>, count = 4) {
  const world = new World(Array.from({ length: count }, (_one, n) => openChannel(String(n + 1))));
  for (const [id, failure] of Object.entries(failures)) world.failures.set(id, failure);
  const told: unknown = await world
    .run('lockdown', { guild_id: GUILD })
    .catch((error: unknown) => error);
  if (!(told instanceof ActionFailure)) throw new Error('It did not fail');
  const { code, message, details } = told;
  return { world, code, message, details };
}

describe('a lockdown of which a part fails', () => {
  it('names each channel that failed, and why, and goes on with the others', async () => {
    const { world, code, message, details } = await failingLockdown({ '2': REFUSED_LATER });
    expect([code, message]).toEqual([
      'OUTCOME_UNKNOWN',
      'A part of it is done: 3 of 4 permissions are done; 1 failed: #channel-2 (2): Discord answered 403: Missing Permissions',
    ]);
    expect(details.partialResult).toEqual({
      locked: false,
      channels: 4,
      locked_channel_ids: ['1', '3', '4'],
      failed: [
        { channel_id: '2', channel_name: 'channel-2', role_id: GUILD, error: REFUSED.message },
      ],
      in_doubt: [],
      not_tried: [],
    });
    expect(Object.keys((JSON.parse(world.record ?? '') as { channels: object }).channels)).toEqual([
      '1',
      '3',
      '4',
    ]);
  });

  it('says which channels are in doubt, and keeps how they were', async () => {
    const { world, code, message, details } = await failingLockdown({ '3': DOUBT });
    expect([code, message]).toEqual([
      'OUTCOME_UNKNOWN',
      'A part of it is done: 3 of 4 permissions are done; 1 in doubt: #channel-3 (3): Discord answered 500',
    ]);
    expect(details.partialResult).toMatchObject({ in_doubt: [{ channel_id: '3' }], failed: [] });
    expect(world.record).toContain('"3"');
  });

  it('is refused as a whole where every channel is refused, and records nothing', async () => {
    const all = Object.fromEntries(['1', '2', '3', '4'].map((id) => [id, REFUSED]));
    const { world, code, message, details } = await failingLockdown(all);
    expect([code, message]).toEqual([
      'REFUSED',
      `None of 4 permissions is changed: ${REFUSED.message}`,
    ]);
    expect(details).toMatchObject({ platformStatus: 403, partialResult: { locked: false } });
    expect(world.record).toBeUndefined();
  });

  it('stops at what concerns every channel, and tells what was not tried', async () => {
    const later = new ActionFailure('OUTCOME_UNKNOWN', '', { refusedStep: LIMITED });
    const { world, message, details } = await failingLockdown({ '3': later });
    expect(message).toContain('2 of 4 permissions are done; 2 not tried: A limit is spent');
    expect(details.partialResult).toMatchObject({ not_tried: ['3', '4'] });
    expect(world.written).toHaveLength(2);
    const first = await failingLockdown({ '1': LIMITED });
    expect([first.code, first.details.retryAfterMs]).toEqual(['RATE_LIMITED', 5_000]);
  });

  it('does not ask on after three channels in doubt in a row', async () => {
    const doubts = Object.fromEntries(['2', '3', '4'].map((id) => [id, DOUBT]));
    const { message } = await failingLockdown(doubts, 6);
    expect(message).toContain('1 of 6 permissions are done; 3 in doubt: ');
    expect(message).toContain('; 2 not tried: Discord answered 500');
  });

  it('tells the caller whose time ends how far it is', async () => {
    const world = new World([openChannel('1'), openChannel('2')]);
    await world.run('lockdown', { guild_id: GUILD });
    expect(world.known).toEqual([
      { locked: false, channels: 2, locked_channel_ids: [] },
      { locked: false, channels: 2, locked_channel_ids: ['1'] },
    ]);
  });
});

describe('a lockdown of what is not there', () => {
  const world = new World([openChannel('1'), { ...openChannel('2'), type: 4 }]);

  it.each([
    [{ channel_ids: ['2', '3'] }, 'parameters.channel_ids: holds what is no text'],
    [{ except_channel_ids: ['1'] }, 'parameters.kinds: leaves no channel to lock'],
    [{ kinds: ['voice'] }, 'parameters.kinds: leaves no channel to lock'],
    [{ role_ids: ['5'] }, 'parameters.role_ids: holds what is no role of the server: 5'],
    [{ role_ids: ['99999999999999999999'] }, 'parameters.role_ids: must hold ids of Discord'],
  ])('is refused: %j', async (more, message) => {
    const refused = async (): Promise<object> =>
      world.run('lockdown', { guild_id: GUILD, ...more });
    await expect(refused()).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(message) as string,
    });
    expect(world.written).toEqual([]);
    expect(world.record).toBeUndefined();
  });
});

it('a record of a newer version is left alone', async () => {
  const world = new World([openChannel('1')]);
  world.record = JSON.stringify({ form: 2 });
  await expect(world.run('unlock', { guild_id: GUILD })).rejects.toMatchObject({
    code: 'GATEWAY_UNAVAILABLE',
  });
  expect(world.record).toBe(JSON.stringify({ form: 2 }));
});

function openChannel(id: string): Channel {
  return { id, type: 0, name: `channel-${id}`, permission_overwrites: [] };
}

function sumBits(...places: readonly bigint[]): bigint {
  return places.reduce((sum, place) => sum | (1n << place), 0n);
}

/** Of the documentation: SEND_MESSAGES 11, SPEAK 21, threads 35, 36 and 38. */
function bitsOf(type: number): bigint {
  if (type === 4) return 0n;
  return type === 2 || type === 13 ? sumBits(11n, 21n) : sumBits(11n, 35n, 36n, 38n);
}
