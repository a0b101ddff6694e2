// Real: the feature flags. Fake: a configuration that holds nothing but switches.
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.js';
import { Flags, nameSwitches } from '../../src/safeguards/flags.js';

const BAN = { platform: 'twitch', group: 'moderation', type: 'ban' };
const SAY = { platform: 'twitch', group: 'chat', type: 'chat_message' };

const open = (switches: Record<string, boolean>): Flags =>
  new Flags({ switches: new Map(Object.entries(switches)) } as unknown as Config);

describe('Flags', () => {
  it('has four switches for an action, from the widest to the narrowest', () => {
    expect(nameSwitches(SAY)).toEqual([
      'ENABLE_TWITCH_ACTIONS',
      'ENABLE_CHAT_ACTIONS',
      'ENABLE_TWITCH_CHAT_ACTIONS',
      'ENABLE_TWITCH_CHAT_MESSAGE',
    ]);
  });

  it('leaves everything on that nobody switches off', () => {
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
    expect(on.findSwitchThatIsOff(SAY)).toBe('ENABLE_TWITCH_CHAT_ACTIONS');
  });

  it('lets nothing narrower win over a platform that is off', () => {
    const flags = open({ ENABLE_TWITCH_ACTIONS: false, ENABLE_TWITCH_CHAT_MESSAGE: true });
    expect(flags.findSwitchThatIsOff(SAY)).toBe('ENABLE_TWITCH_ACTIONS');
  });

  it('knows switches that switch nothing', () => {
    const flags = open({ ENABLE_TWITCH_CHAT_ACTIONS: true, ENABLE_CHATS_ACTIONS: false });
    expect(flags.listUnknown([SAY, BAN])).toEqual(['ENABLE_CHATS_ACTIONS']);
  });
});
