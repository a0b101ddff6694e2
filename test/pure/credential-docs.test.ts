// Real: the tables of docs/credentials.md, and what YouTube's answers become. Nothing is fake.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ActionContext } from '../../src/actions/action.js';
import { ActionFailure, FAILURES, type FailureCode } from '../../src/actions/failures.js';
import { communityPost } from '../../src/platforms/youtube/actions/community/community-post.js';
import { validateCredentials } from '../../src/platforms/youtube/actions/account/validate-credentials.js';
import { postShort } from '../../src/platforms/youtube/actions/video/post-short.js';
import { YouTubePlatform } from '../../src/platforms/youtube/youtube.platform.js';

const DOCS = readFileSync(join(import.meta.dirname, '../../docs/credentials.md'), 'utf8');
const youtube = new YouTubePlatform({
  apiUrl: 'https://api.example',
  authUrl: 'https://accounts.example',
  tokenUrl: 'https://oauth2.example/token',
  clientId: 'client',
  clientSecret: 'hidden',
  quota: { daily: 10_000, reserve: 500, perAccount: 0 },
});
const CONTEXT: ActionContext = {
  actionId: 'a',
  account: { id: 'UC1' },
  actor: { id: 'UC1' },
  hasFile: false,
};

/** What the earlier client called it, and what it is called now, by row of the table. */
const rows = new Map(
  DOCS.slice(DOCS.indexOf('its error code'))
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, code = '', , now = '']) => [code.replaceAll('`', ''), now]),
);

const read = (status: number, reason: string): FailureCode =>
  youtube.readRefusal(
    { status, headers: {}, body: { error: { message: reason, errors: [{ reason }] } } },
    Date.UTC(2026, 10, 20, 12),
  ).code;

async function fail(work: () => unknown): Promise<FailureCode> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ActionFailure) return error.code;
    throw error;
  }
  throw new Error('it did not fail');
}

const provoked: Readonly<Record<string, () => FailureCode | Promise<FailureCode>>> = {
  TEXT_TOO_LONG: () => fail(() => communityPost.carryOut({}, CONTEXT, {} as never)),
  TITLE_TOO_LONG: () =>
    fail(() =>
      postShort.parse({ video_url: 'https://x.example/a.mp4', title: 'x'.repeat(101) }, CONTEXT),
    ),
  QUOTA_EXCEEDED: () => read(403, 'quotaExceeded'),
  AUTH_FAILED: () => read(401, 'authError'),
  RATE_LIMIT: () => read(429, 'anything'),
  SERVER_ERROR: () => read(500, 'backendError'),
  NO_CHANNEL: () =>
    fail(() =>
      validateCredentials.carryOut({}, CONTEXT, { send: async () => ({ items: [] }) } as never),
    ),
  'any other reason': () => read(403, 'forbidden'),
};

describe('the table of what the earlier client told', () => {
  it.each(Object.keys(provoked))('%s is what it says now', async (code) => {
    expect(rows.get(code)).toContain(`\`${await provoked[code]?.()}\``);
  });

  it('names failures that there are', () => {
    const named = [...DOCS.matchAll(/`([A-Z]+(?:_[A-Z]+)*)`/g)].map(([, name = '']) => name);
    const known = new Set([...Object.keys(FAILURES), ...rows.keys(), 'UNKNOWN']);
    expect(named.filter((name) => !known.has(name) && !name.startsWith('CREDENTIAL_'))).toEqual([]);
    expect(rows.size).toBeGreaterThan(15);
  });
});
