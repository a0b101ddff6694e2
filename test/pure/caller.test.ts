// Real: the type of callers, its reach and its identities. Fake: nothing.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bounds, Caller, type CallerFields } from '../../src/callers/caller.js';
import {
  identifyEarlier,
  identifyInTenant,
  identifyService,
  isKeyCallerId,
  makeKeyCallerId,
  makeMediaKeyHolder,
  readLabel,
  splitTenantIdentity,
} from '../../src/callers/identity.js';
import { makeCaller } from '../support/callers.js';

const PERMISSIONS = ['execute_actions', 'manage_accounts', 'read_audit', 'manage_callers'];
const some = (names: readonly string[]) =>
  fc.subarray([...names]).map((chosen) => new Set<string>(chosen));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const bounds: fc.Arbitrary<Bounds> = fc.record({
  permissions: maybe(some(PERMISSIONS)),
  platforms: maybe(some(['twitch', 'discord', 'youtube'])),
  accounts: maybe(some(['1', '2', '3'])),
  actions: maybe(some(['twitch.ban', 'twitch.chat_message', 'discord.send_message'])),
  requestsPerMinute: maybe(fc.integer({ min: 1, max: 100 })),
  endsAt: maybe(fc.integer({ min: 1, max: 1_000 })),
});
const callers = fc
  .record({
    bounds,
    permissions: some(PERMISSIONS),
    kind: fc.constantFrom('service', 'key', 'trusted', 'earlier', 'media'),
    owner: maybe(fc.constantFrom('acme', 'globex')),
    id: fc.constantFrom('a', 'b'),
    epoch: maybe(fc.integer({ min: 1, max: 3 })),
    bornAt: maybe(fc.integer({ min: 1, max: 1_000 })),
  })
  .map(({ bounds: own, ...rest }) => new Caller({ ...own, ...rest } as CallerFields));
const actions = fc.record({
  callerId: fc.constantFrom('a', 'b', ''),
  owner: fc.constantFrom('', 'acme', 'globex'),
  platform: fc.constantFrom('twitch', 'discord', ''),
  actionType: fc.constantFrom('ban', 'chat_message', ''),
  accountId: fc.constantFrom('1', '2', '3', ''),
  actorId: fc.constantFrom('1', '2', '3', ''),
  receivedAt: fc.integer({ min: 1, max: 1_000 }),
});
const VERBS = ['read', 'control'] as const;

const flags = fc.record({
  platform: fc.constantFrom('twitch', 'discord'),
  actions: some(['twitch.ban', 'twitch.chat_message', 'discord.send_message']),
  scope: maybe(
    fc.record({
      kind: fc.constantFrom('account', 'caller'),
      id: fc.constantFrom('1', '2', '3', 'a', 'b'),
    }),
  ),
});

describe('a caller that is narrowed', () => {
  it('reaches no flag, no budget and no other caller that it did not reach before', () => {
    fc.assert(
      fc.property(callers, bounds, flags, callers, (caller, by, flag, other) => {
        const { identity, owner = '' } = other;
        const reach = (one: Caller): boolean[] => [
          one.reachesFlag(flag, 'read'),
          one.reachesFlag(flag, 'write'),
          one.reachesBudgetOf(identity),
          one.reachesCaller({ identity, owner, bounds: other }, 0),
        ];
        const before = reach(caller);
        const more = reach(caller.narrow(by)).filter((is, index) => is && !before[index]);
        expect(more).toEqual([]);
      }),
    );
  });

  it('switches no flag that it may not see', () => {
    fc.assert(
      fc.property(callers, flags, (caller, flag) => {
        const [sees, switches] = [
          caller.reachesFlag(flag, 'read'),
          caller.reachesFlag(flag, 'write'),
        ];
        expect([sees, switches]).not.toEqual([false, true]);
      }),
    );
  });

  it('sees what concerns its accounts and itself, and switches its accounts alone', () => {
    const caller = makeCaller({ accounts: new Set(['1001']) });
    const flag = { platform: 'twitch', actions: new Set(['twitch.ban']) };
    const reach = (kind?: 'account' | 'caller', id = ''): boolean[] =>
      (['read', 'write'] as const).map((verb) =>
        caller.reachesFlag({ ...flag, ...(kind && { scope: { kind, id } }) }, verb),
      );
    expect(reach('account', '1001')).toEqual([true, true]);
    expect(reach('account', '1002')).toEqual([false, false]);
    expect(reach('caller', caller.identity)).toEqual([true, false]);
    expect(reach('caller', 'another')).toEqual([false, false]);
    expect(reach()).toEqual([true, false]);
  });

  it('switches a group only if all of its actions are within its bounds', () => {
    const caller = makeCaller({ actions: new Set(['twitch.ban']) });
    const reach = (...switched: string[]): boolean[] =>
      (['read', 'write'] as const).map((verb) =>
        caller.reachesFlag({ platform: 'twitch', actions: new Set(switched) }, verb),
      );
    expect(reach('twitch.ban')).toEqual([true, true]);
    expect(reach('twitch.ban', 'twitch.raid')).toEqual([true, false]);
    expect(reach('twitch.raid')).toEqual([false, false]);
    expect(reach()).toEqual([false, false]);
    expect(caller.reachesAllActionsOf('twitch')).toBe(false);
    expect(makeCaller().reachesAllActionsOf('twitch')).toBe(true);
  });

  it('never has more than before, in any dimension', () => {
    fc.assert(
      fc.property(callers, bounds, (caller, by) => {
        expect(caller.findExcess(caller.narrow(by), 0)).toBeUndefined();
      }),
    );
  });

  it('is within what it was narrowed by', () => {
    fc.assert(
      fc.property(callers, bounds, (caller, by) => {
        const limits = makeCaller({ ...by, kind: 'key', permissions: new Set(PERMISSIONS) });
        expect(limits.findExcess(caller.narrow(by), 0)).toBeUndefined();
      }),
    );
  });

  it('reaches no action that it did not reach', () => {
    fc.assert(
      fc.property(
        callers,
        bounds,
        actions,
        fc.constantFrom(...VERBS),
        (caller, by, action, verb) => {
          const isWider = caller.narrow(by).reaches(action, verb) && !caller.reaches(action, verb);
          expect(isWider).toBe(false);
        },
      ),
    );
  });

  it('stays the same caller', () => {
    fc.assert(
      fc.property(callers, bounds, (caller, by) => {
        const { id, identity, owner, kind, epoch, name } = caller.narrow(by);
        expect({ id, identity, owner, kind, epoch, name }).toEqual({
          id: caller.id,
          identity: caller.identity,
          owner: caller.owner,
          kind: caller.kind,
          epoch: caller.epoch,
          name: caller.name,
        });
      }),
    );
  });
});

describe('a caller as JSON', () => {
  it('comes back the same, but for its rate and its end', () => {
    fc.assert(
      fc.property(callers, (caller) => {
        const stored: unknown = JSON.parse(JSON.stringify(caller.toJson()));
        expect(Caller.fromJson(stored as ReturnType<Caller['toJson']>)).toEqual(
          new Caller({ ...caller, requestsPerMinute: undefined, endsAt: undefined }),
        );
      }),
    );
  });

  it('is read as releases before 0.2 wrote it', () => {
    const service = Caller.fromJson({ id: 'bot', permissions: ['execute_actions'], owner: 'acme' });
    expect(service).toMatchObject({ kind: 'service', id: 'bot', identity: 'bot', owner: 'acme' });
    const keyed = Caller.fromJson({ id: 'bot', permissions: [], epoch: 2 });
    expect(keyed).toMatchObject({ kind: 'key', id: 'bot', epoch: 2 });
  });

  it('is one whose identity releases before 0.2 take as the id', () => {
    const { id } = new Caller({
      kind: 'service',
      ...identifyService('bot', 'acme', () => false),
      permissions: new Set(),
      owner: 'acme',
    }).toJson();
    expect(id).toBe('tenant:acme:bot');
  });
});

const may = (...permissions: string[]) => new Set(permissions);

describe('reach', () => {
  const action = {
    callerId: 'a',
    owner: '',
    platform: 'twitch',
    actionType: 'ban',
    accountId: '1',
    actorId: '2',
    receivedAt: 500,
  };

  it.each([
    ['its own', { id: 'a' }, ['read']],
    ['its own, with execute_actions', { id: 'a', permissions: may('execute_actions') }, VERBS],
    ['of others, with read_audit', { permissions: may('read_audit') }, ['read']],
    ['of others, with execute_actions', { permissions: may('execute_actions') }, []],
    ['of others, with both', { permissions: may('read_audit', 'execute_actions') }, VERBS],
    ['of another tenant', { id: 'a', owner: 'acme', permissions: may('read_audit') }, []],
    ['of a namesake before its time', { id: 'a', bornAt: 501 }, []],
    ['outside of its accounts', { id: 'a', accounts: new Set(['2']) }, []],
    [
      'in its account by another actor',
      { id: 'a', accounts: new Set(['1']), permissions: may('execute_actions') },
      ['read'],
    ],
    ['outside of its platforms', { id: 'a', platforms: new Set(['discord']) }, []],
    ['outside of its actions', { id: 'a', actions: new Set(['twitch.vip']) }, []],
  ] as const)('covers of an action %s', (_what, fields, verbs) => {
    const caller = makeCaller(fields as Partial<CallerFields>);
    expect(VERBS.filter((verb) => caller.reaches(action, verb))).toEqual(verbs);
  });

  it('covers what a service of no tenant did, and not what one of a tenant did by that name', () => {
    expect(makeCaller({ id: 'a' }).reaches({ ...action, owner: 'acme' }, 'read')).toBe(false);
  });
});

const admin = (fields: Partial<CallerFields>) =>
  makeCaller({ kind: 'key', permissions: new Set(PERMISSIONS), ...fields });

describe('bounds that a caller gives', () => {
  it.each([
    ['a permission', { permissions: new Set(['manage_flags']) }, {}, /the permission manage_flags/],
    ['all accounts', {}, { accounts: new Set(['1']) }, /all accounts/],
    ['another account', { accounts: new Set(['2']) }, { accounts: new Set(['1']) }, /accounts 2/],
    ['no end', {}, { endsAt: 1_000 }, /an end after 1970/],
    ['a later end', { endsAt: 1_001 }, { endsAt: 1_000 }, /an end after 1970/],
    ['a rate above its own', { requestsPerMinute: 6 }, { requestsPerMinute: 5 }, /more than 5/],
    ['the usual rate above its own', {}, { requestsPerMinute: 5 }, /more than 5/],
    ['a rate above the usual', { requestsPerMinute: 10_000_000 }, {}, /more than 60/],
  ])('may not hold %s beyond its own', (_what, given, own, says) => {
    expect(admin(own).findExcess(given, 60)).toMatch(says);
  });

  it('may hold a rate above the usual one where the gateway is run by it', () => {
    const operator = makeCaller({ permissions: new Set(PERMISSIONS) });
    expect(operator.findExcess({ requestsPerMinute: 10_000_000 }, 60)).toBeUndefined();
    const narrowed = operator.narrow({ accounts: new Set(['1']) });
    const given = { requestsPerMinute: 61, accounts: new Set(['1']) };
    expect(narrowed.findExcess(given, 60)).toMatch(/more than 60/);
  });

  it('never hold the switching of flags where there is a tenant', () => {
    const tenant = admin({ owner: 'acme', permissions: new Set(['manage_flags']) });
    expect(tenant.permissions.has('manage_flags')).toBe(false);
  });
});

const held = (name: string, owner: string): boolean => name === 'old-one' && owner === '';
const service = (name: string, owner?: string) => identifyService(name, owner, held).identity;

describe('an identity', () => {
  it('of a service without a tenant is its name', () => {
    expect(service('dashboard')).toBe('dashboard');
  });

  it.each([
    'media',
    'old:dashboard',
    'trust:router',
    'tenant:acme:bot',
    'service:dashboard',
    'old-one',
    makeKeyCallerId(),
  ])('of a service named %s is set apart', (name) => {
    expect(service(name)).toBe(`service:${name}`);
    expect(readLabel(`service:${name}`)).toBe(name);
  });

  it('is never that of another kind of caller', () => {
    const names = fc.oneof(
      fc.string(),
      fc.constantFrom('media', 'old:a', 'trust:a', 'tenant:a:b', 'service:media', 'old-one'),
      fc.string().map((text) => `tenant:acme:${text}`),
    );
    fc.assert(
      fc.property(names, (name) => {
        const own = service(name);
        const others = [
          makeMediaKeyHolder().identity,
          identifyEarlier(name).id,
          `trust:${name}`,
          'old-one',
          service(name, 'acme'),
          service(name, 'globex'),
        ];
        expect(others).not.toContain(own);
        expect(isKeyCallerId(own ?? '')).toBe(false);
      }),
    );
  });

  it('is that of one service alone', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 600 });
    const owner = maybe(fc.string({ minLength: 1 }));
    fc.assert(
      fc.property(text, owner, text, owner, (one, ofOne, other, ofOther) => {
        fc.pre(one !== other || ofOne !== ofOther);
        expect(service(one, ofOne)).not.toBe(service(other, ofOther));
      }),
    );
  });

  it('of a service of a tenant says both', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (owner, id) => {
        expect(splitTenantIdentity(identifyInTenant(id, owner))).toEqual({ id, owner });
      }),
    );
  });

  it('tells names apart that are too long, or that no column keeps as they are', () => {
    const long = 'x'.repeat(300);
    const names = [`${long}a`, `${long}b`, 'a\u0000', 'a\u0001', 'a\ud800', 'a\ud801'];
    expect(new Set(names.map((name) => service(name))).size).toBe(names.length);
    for (const name of names) expect((service(name) ?? '').length).toBeLessThan(64);
  });
});
