// Real: a built gateway, PostgreSQL, both doors, its metrics over HTTP, and promtool where the machine has
// it. Fake: Twitch and YouTube, at the wire.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { makeToken } from '../support/gateway.js';
import { House, type TwoDoors } from '../support/two-doors.js';

const PROMTOOL = ['/usr/bin/promtool', '/usr/local/bin/promtool'].find((path) => existsSync(path));

let house: House;

beforeAll(async () => {
  house = await House.open();
});

afterAll(() => house?.close());

async function scrape(doors: TwoDoors = house.doors): Promise<string> {
  const reply = await fetch(`${doors.gateway.restUrl}/metrics`);
  expect(reply.status).toBe(200);
  expect(reply.headers.get('content-type')).toMatch(/^text\/plain/);
  return reply.text();
}

/** Samples of a metric by their labels, as they stand in the exposition. */
function read(text: string, name: string): Map<string, number> {
  const sample = new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`, 'gm');
  return new Map(
    [...text.matchAll(sample)].map(([, labels = '', value]) => [labels, Number(value)]),
  );
}

/** The one sample that has all of these labels. */
function find(text: string, name: string, labels: Record<string, string>): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const found = [...read(text, name)].filter(([key]) => wanted.every((part) => key.includes(part)));
  return found.reduce((sum, [, value]) => sum + value, 0);
}

const marker = (more: object = {}): object => ({
  platform: 'twitch',
  action_type: 'marker',
  account_id: '1001',
  parameters: {},
  ...more,
});

describe('a scrape', () => {
  it('has the numbers of what was done', async () => {
    const before = await scrape();
    const markers = { platform: 'twitch', type: 'marker' };
    for (let n = 0; n < 3; n += 1) await house.doors.execute('grpc', marker());
    for (let n = 0; n < 2; n += 1)
      await house.doors.execute('rest', marker({ idempotency_key: 'metrics-1' }));
    await house.doors.execute('rest', marker({ parameters: { nonsense: 1 } }));
    await house.addFault({ kind: 'status', status: 503, headers: { 'retry-after': '0' } });
    await house.doors.execute('grpc', { ...marker(), priority: 'HIGH' });
    await house.doors.grpc.execute(marker(), { token: 'nonsense' }).catch(() => undefined);

    const after = await scrape();
    const grown = (name: string, labels: Record<string, string>): number =>
      find(after, name, labels) - find(before, name, labels);
    const total = 'gateway_actions_total';
    const fine = { ...markers, outcome: 'SUCCEEDED', failure: 'none' };
    expect(grown(total, { ...fine, replayed: 'false' })).toBe(5);
    expect(grown(total, { ...fine, replayed: 'true' })).toBe(1);
    expect(grown(total, { ...markers, outcome: 'REFUSED', failure: 'INVALID_INPUT' })).toBe(1);
    const count = 'gateway_action_duration_seconds_count';
    expect(grown(count, { platform: 'twitch', part: 'platform' })).toBe(5);
    expect(grown(count, { platform: 'twitch', part: 'gateway' })).toBe(6);
    expect(grown('gateway_retries_total', { platform: 'twitch' })).toBe(1);
    expect(grown('gateway_refused_total', { area: 'authentication' })).toBe(1);
    expect(grown('gateway_commit_items_count', {})).toBeGreaterThanOrEqual(9);
    expect(find(after, 'gateway_breaker_open', { breaker: 'twitch' })).toBe(0);
    expect(find(after, 'gateway_database_up', {})).toBe(1);
    expect(find(after, 'nodejs_eventloop_lag_p99_seconds', {})).toBeGreaterThan(0);
  });

  it('has what is left of limits and of the quota, and what waits', async () => {
    const { body } = await house.doors.rest('GET', '/api/v1/accounts');
    const accounts = body['accounts'] as unknown as { platform: string; account_id: string }[];
    const youtube = accounts.find(({ platform }) => platform === 'youtube');
    const sent = await house.doors.execute('rest', {
      platform: 'youtube',
      action_type: 'send_live_chat_message',
      account_id: youtube?.account_id,
      parameters: { message: 'm' },
    });
    expect(sent.status).toBe('SUCCEEDED');
    const run_at = new Date(Date.now() + 3_600_000).toISOString();
    await house.doors.execute('rest', marker({ run_at }));
    // The database is asked again only after a while.
    const text = await eventually(
      () => scrape(),
      (found) => find(found, 'gateway_queue_depth', {}) === 1,
    );
    expect(find(text, 'gateway_queue_age_seconds', {})).toBe(0);
    expect(find(text, 'gateway_youtube_quota_units_limit', {})).toBe(10_000);
    expect(find(text, 'gateway_youtube_quota_units_left', {})).toBeLessThan(10_000);
    expect(
      find(text, 'gateway_limit_left_ratio', { platform: 'twitch', limit: 'helix' }),
    ).toBeLessThan(1);
    expect(find(text, 'gateway_callbacks', { state: 'dead' })).toBe(0);
  });

  it('keeps its labels to names of the catalogue, whatever is asked for', async () => {
    const before = (await scrape()).split('\n').length;
    const junk = Array.from({ length: 100 }, (_, n) => ({
      platform: n % 3 === 0 ? 'twitch' : `platform-${n}`,
      action_type: `junk-${n}"\n{`,
      account_id: `account-${n}`,
      request_id: `r${n}`,
    }));
    await house.doors.batch('grpc', junk);
    await house.doors.batch('rest', junk);
    const token = makeToken({ sub: 'caller-of-no-fame' });
    await house.doors.execute('grpc', marker({ account_id: 'account-7' }), { token });
    const text = await scrape();
    expect(text).not.toMatch(/junk|account-|caller-of|platform-/);
    expect(find(text, 'gateway_actions_total', { platform: 'other', type: 'other' })).toBe(200);
    expect(text.split('\n').length - before).toBeLessThan(60);
  });

  it.skipIf(!PROMTOOL)(
    'is what Prometheus wants (skipped where the Debian package prometheus is not installed)',
    async () => {
      const input = await scrape();
      const { status, stdout, stderr } = spawnSync(PROMTOOL ?? '', ['check', 'metrics'], { input });
      // What Node.js itself is called by is not ours to name.
      const ours = `${stdout}${stderr}`.split('\n').filter((line) => line.startsWith('gateway_'));
      expect(ours).toEqual([]);
      expect(status).not.toBe(1);
    },
  );

  it('asks for a token where one is set', async () => {
    const guarded = await house.openAnother({ METRICS_TOKEN: 'for-prometheus-alone' });
    const ask = (token: string): Promise<Response> =>
      fetch(`${guarded.gateway.restUrl}/metrics`, {
        headers: { authorization: `Bearer ${token}` },
      });
    expect((await ask('for-anybody')).status).toBe(401);
    expect((await ask('for-prometheus-alone')).status).toBe(200);
  });

  it('without a token are for callers with read_audit, and outside production for this machine', async () => {
    const production = await house.openAnother({
      NODE_ENV: 'production',
      SANDBOX: 'true',
      CALLBACK_SECRETS: `whsec_${randomBytes(32).toString('base64')}`,
    });
    const ask = async (token?: string, headers: Record<string, string> = {}): Promise<number> => {
      const { status } = await fetch(`${production.gateway.restUrl}/metrics`, {
        headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
      });
      return status;
    };
    expect(await ask()).toBe(401);
    expect(await ask('wrong')).toBe(401);
    expect(await ask(makeToken({ permissions: ['execute_actions'] }))).toBe(403);
    expect(await ask(makeToken({ permissions: ['read_audit'] }))).toBe(200);
    expect(await ask(makeToken({ permissions: ['read_audit'], owner: 'acme' }))).toBe(403);

    const { restUrl } = house.doors.gateway;
    const askHere = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${restUrl}/metrics`, { headers })).status;
    expect(await askHere({})).toBe(200);
    // A proxy on this machine speaks for somebody else.
    expect(await askHere({ 'x-forwarded-for': '203.0.113.7' })).toBe(401);
    expect(await askHere({ forwarded: 'for=203.0.113.7' })).toBe(401);
  });

  it('are open where METRICS_OPEN says so, and guarded where METRICS_TOKEN is set beside it', async () => {
    const open = { METRICS_OPEN: 'true' };
    const guarded = { ...open, METRICS_TOKEN: 'for-prometheus-alone' };
    const statuses = await Promise.all(
      [open, guarded].map(async (env) => {
        const { gateway } = await house.openAnother(env);
        const headers = { 'x-forwarded-for': '203.0.113.7' };
        return (await fetch(`${gateway.restUrl}/metrics`, { headers })).status;
      }),
    );
    expect(statuses).toEqual([200, 401]);
  });
});
