import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Delivery } from '../../src/actions/wire.js';
import { Breakers } from '../../src/execution/breakers.js';

Logger.overrideLogger(false);

const LOST = { kind: 'unsent', reason: 'gone' } as unknown as Delivery;

afterEach(() => {
  vi.useRealTimers();
});

describe('the state of a breaker', () => {
  it('is closed, open once the service fails everywhere, and half open after a while', async () => {
    vi.useFakeTimers();
    const breakers = new Breakers();
    expect(breakers.readState('twitch')).toBe('closed');
    for (let index = 0; index < 60; index += 1) {
      const target = { service: 'twitch', title: 'Twitch', resource: String(index % 3) };
      await breakers
        .watch({ ...target, route: `route ${index % 2}` }, async () => LOST)
        .catch(() => undefined);
    }
    expect(breakers.readState('twitch')).toBe('open');
    expect(breakers.readState('discord')).toBe('closed');
    vi.advanceTimersByTime(5_001);
    expect(breakers.readState('twitch')).toBe('half_open');
  });

  it('is open while the service blocks this address', () => {
    const breakers = new Breakers();
    breakers.rest({ service: 'discord', title: 'Discord' }, 60_000, 'Discord blocks it');
    expect(breakers.readState('discord')).toBe('open');
  });
});
