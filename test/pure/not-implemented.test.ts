// Real: how the platforms read an answer of status 501.
import { describe, expect, it } from 'vitest';
import { aimDiscord, aimTwitch } from '../support/sandbox.js';
import { YouTubePlatform } from '../../src/platforms/youtube/youtube.platform.js';

const NOWHERE = { env: {} } as unknown as Parameters<typeof aimTwitch>[0];
const settings = { apiUrl: '', authUrl: '', tokenUrl: '', clientId: '', clientSecret: '' };
const PLATFORMS = [
  aimTwitch(NOWHERE),
  aimDiscord(NOWHERE),
  new YouTubePlatform({ ...settings, quota: { daily: 1, reserve: 0, perAccount: 0 } }),
];

describe('an answer of status 501', () => {
  it.each(PLATFORMS)(
    'is a refusal of $title: nothing was done, and no repeat helps',
    (platform) => {
      const message = 'the sandbox does not simulate PATCH /x';
      const body = { message, error: { message } };
      const refusal = platform.readRefusal({ status: 501, headers: {}, body }, 0);
      expect(refusal).toMatchObject({ code: 'REFUSED', happened: 'no' });
      expect(refusal.retryAfterMs).toBeUndefined();
    },
  );
});
