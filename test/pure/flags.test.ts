// Real: the feature flags. Fake: a configuration that holds nothing but switches, and a table in memory.
import { describe, expect, it } from 'vitest';
import { readFlagKey } from '../../src/safeguards/flag-key.js';
import { nameSwitches } from '../../src/safeguards/flags.js';
import { openFlags } from '../support/flags.js';

const BAN = { platform: 'twitch', group: 'moderation', type: 'ban' };
const SAY = { platform: 'twitch', group: 'chat', type: 'chat_message' };

const open = openFlags;

describe('Flags', () => {
  it('has four switches for an action, from the widest to the narrowest', () => {
    expect(nameSwitches(SAY)).toEqual([
      'ENABLE_TWITCH_ACTIONS',
      'ENABLE_CHAT_ACTIONS',
      'ENABLE_TWITCH_CHAT_ACTIONS',
      'ENABLE_TWITCH_CHAT_MESSAGE',
    ]);
  });

  it('leaves everything on that is not switched off', () => {
    const flags = open({ ENABLE_CHAT_ACTIONS: true, ENABLE_POLLS_ACTIONS: false });
    expect(() => flags.require(SAY)).not.toThrow();
    expect(() => flags.require(BAN)).not.toThrow();
  });

  it.each([...nameSwitches(SAY)])('switches an action off by %s', (name) => {
    const flags = open({ [name]: false });
    expect(() => flags.require(SAY)).toThrow(
      expect.objectContaining({
        code: 'ACTION_DISABLED',
        message: `twitch.chat_message is switched off by ${name}=false`,
      }),
    );
  });

  it("lets a platform's own group switch win over the general one", () => {
    const off = open({ ENABLE_CHAT_ACTIONS: false, ENABLE_TWITCH_CHAT_ACTIONS: true });
    expect(() => off.require(SAY)).not.toThrow();
    const on = open({ ENABLE_CHAT_ACTIONS: true, ENABLE_TWITCH_CHAT_ACTIONS: false });
    expect(() => on.require(SAY)).toThrow(/off by ENABLE_TWITCH_CHAT_ACTIONS=false$/);
  });

  it('lets nothing narrower win over a platform that is off', () => {
    const flags = open({ ENABLE_TWITCH_ACTIONS: false, ENABLE_TWITCH_CHAT_MESSAGE: true });
    expect(() => flags.require(SAY)).toThrow(/off by ENABLE_TWITCH_ACTIONS=false$/);
  });

  it('knows switches that switch nothing', () => {
    const flags = open({ ENABLE_TWITCH_CHAT_ACTIONS: true, ENABLE_CHATS_ACTIONS: false });
    expect(flags.listUnknown([SAY, BAN])).toEqual(['ENABLE_CHATS_ACTIONS']);
  });
});

const stored = async (
  set: Record<string, boolean>,
  switches: Record<string, boolean> = {},
): Promise<ReturnType<typeof open>> => {
  const flags = open(switches, set);
  flags.learn([SAY, BAN]);
  await flags.onModuleInit();
  return flags;
};

describe('flags that admins set', () => {
  const WHO = {
    accountId: '1001',
    actorId: '1002',
    callerIdentity: 'caller-7',
    callerName: 'router',
  };

  it.each(['twitch', 'twitch.chat', 'twitch.chat_message'])('switch off by %s', async (key) => {
    const flags = await stored({ [key]: false });
    const message = `twitch.chat_message is switched off by the flag ${key}: because`;
    expect(() => flags.require(SAY)).toThrow(
      expect.objectContaining({ code: 'ACTION_DISABLED', message }),
    );
    expect(flags.isOn(SAY)).toBe(false);
  });

  it.each([
    'twitch@account:1001',
    'twitch.chat@account:1002',
    'twitch.chat_message@caller:router',
    'twitch@caller:caller-7',
  ])('switch off for one alone by %s', async (key) => {
    const flags = await stored({ [key]: false });
    expect(() => flags.require(SAY, WHO)).toThrow(`switched off by the flag ${key}: because`);
    const others = { accountId: '1', actorId: '2', callerIdentity: 'other', callerName: 'other' };
    expect(() => flags.require(SAY, others)).not.toThrow();
    expect(flags.isOn(SAY)).toBe(true);
  });

  it('replace the default of the switch, and nothing narrower wins over what is off', async () => {
    const flags = await stored({ 'twitch.chat': true }, { ENABLE_CHAT_ACTIONS: false });
    expect(() => flags.require(SAY, WHO)).not.toThrow();
    const off = await stored({ 'twitch.chat': false, 'twitch.chat_message@account:1001': true });
    expect(() => off.require(SAY, WHO)).toThrow('the flag twitch.chat:');
  });

  it('are listed with their defaults, set or not', async () => {
    const flags = await stored(
      { 'twitch.chat': true, 'twitch@caller:router': false },
      { ENABLE_CHAT_ACTIONS: false, ENABLE_TWITCH_BAN: false },
    );
    expect(
      flags.list().map(({ key, enabled, default: byDefault }) => [key, enabled, byDefault]),
    ).toEqual([
      ['*', true, true],
      ['twitch', true, true],
      ['twitch.ban', false, false],
      ['twitch.chat', true, false],
      ['twitch.chat_message', true, true],
      ['twitch.moderation', true, true],
      ['twitch@caller:router', false, true],
    ]);
  });
});

describe('the key of a flag', () => {
  it.each([
    ['twitch', 'twitch', undefined],
    ['twitch.chat', 'twitch.chat', undefined],
    ['twitch@account:1001', 'twitch', { kind: 'account', id: '1001' }],
    ['twitch.chat@caller:a@b.c/d', 'twitch.chat', { kind: 'caller', id: 'a@b.c/d' }],
  ])('%s is read', (text, name, scope) => {
    expect(readFlagKey(text)).toEqual({ name, platform: 'twitch', scope });
  });

  it.each(['', 'Twitch', 'twitch.', '.chat', 'twitch.chat.more', 'twitch@', 'twitch@owner:x'])(
    '"%s" is none',
    (text) => expect(readFlagKey(text)).toBeUndefined(),
  );
  it('takes no control characters', () => {
    expect(readFlagKey('twitch@caller:a\nb')).toBeUndefined();
  });
});
