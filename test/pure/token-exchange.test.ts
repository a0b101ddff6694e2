// Real: what is decided about a token server without a clear answer. Fake: its answers.
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../src/actions/wire.js';
import { findBackoff, requireNoBackoff } from '../../src/accounts/token-exchange.js';
import { TwitchPlatform } from '../../src/platforms/twitch/twitch.platform.js';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const twitch = new TwitchPlatform({ apiUrl: '', authUrl: '', clientId: 'c', clientSecret: 's' });

const answer = (headers: Record<string, string>): Delivery => ({
  kind: 'answered',
  answer: { status: 429, headers, body: undefined },
});

describe('the backoff of a token server', () => {
  it('doubles from half a second to a minute', () => {
    const cut: Delivery = { kind: 'unanswered', reason: 'cut' };
    const backoffs = [0, 1, 2, 5, 7, 500].map((failures) => findBackoff(cut, failures, NOW));
    expect(backoffs).toEqual([500, 1_000, 2_000, 16_000, 60_000, 60_000]);
  });

  it.each([
    ['120', 120_000],
    ['0', 500],
    ['Mon, 30 Nov 2026 12:02:00 GMT', 120_000],
    ['Mon, 30 Nov 2026 11:00:00 GMT', 500],
    ['999999999', 3_600_000],
    ['soon', 500],
    ['', 500],
  ])('is at least what Retry-After says: %s', (text, ms) => {
    expect(findBackoff(answer({ 'retry-after': text }), 0, NOW)).toBe(ms);
  });

  it('is waited for while it is short, and told to callers otherwise', () => {
    expect(() => requireNoBackoff(twitch, '1', 500)).not.toThrow();
    expect(() => requireNoBackoff(twitch, '1', 1_500.2)).toThrow(
      expect.objectContaining({ code: 'PLATFORM_DOWN', details: { retryAfterMs: 1_501 } }),
    );
  });
});
