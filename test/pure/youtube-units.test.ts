// Real: the table of costs, the actions, their dry runs and the limits of YouTube, beside its discovery document.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PlatformRequest } from '../../src/actions/wire.js';
import { rehearse } from '../../src/execution/rehearsal.js';
import { CALL_COSTS } from '../../src/platforms/youtube/units.js';
import { YouTubePlatform } from '../../src/platforms/youtube/youtube.platform.js';

const CONTEXT = { actionId: 'a', account: { id: 'UCdemo' }, actor: { id: 'UCdemo' } };
const youtube = new YouTubePlatform({
  apiUrl: 'https://api.example',
  authUrl: 'https://accounts.example/auth',
  tokenUrl: 'https://oauth2.example/token',
  clientId: 'client',
  clientSecret: 'hidden',
  quota: { daily: 10_000, reserve: 500, perAccount: 0 },
});
const { operations } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../specs/youtube.json'), 'utf8'),
) as { operations: Record<string, { id: string; write?: string; media?: object }> };
/** The discovery document and the reference page call one method differently. */
const nameMethod = (id: string): string =>
  id === 'liveBroadcasts.insertCuepoint' ? 'liveBroadcasts.cuepoint' : id;
const costs = new Map(CALL_COSTS.map((cost) => [cost.method, cost]));

function findCost({ method, path }: Pick<PlatformRequest, 'method' | 'path'>): number {
  const operation = operations[`${method} ${path.replace(/^\/upload/, '')}`];
  const cost = costs.get(nameMethod(operation?.id ?? ''));
  if (!cost) throw new Error(`No cost is known of ${method} ${path}`);
  return cost.units;
}

describe('the table of costs', () => {
  it('holds every write that counts, once, and knows no method that does not exist', () => {
    const ids = new Set(Object.values(operations).map(({ id }) => nameMethod(id)));
    const writes = Object.values(operations).flatMap(({ id, write }) =>
      write === 'counted' ? [nameMethod(id)] : [],
    );
    expect(writes.filter((id) => !costs.has(id))).toEqual([]);
    expect([...costs.keys()].filter((method) => !ids.has(method))).toEqual([]);
    expect(costs.size).toBe(CALL_COSTS.length);
  });

  it('marks as unverified what YouTube does not publish, and nothing else', () => {
    const assumed = CALL_COSTS.filter(({ isPublished }) => !isPublished);
    expect(new Set(assumed.map(({ method }) => method.split('.')[0]))).toEqual(
      new Set([
        'comments',
        'liveBroadcasts',
        'liveChatBans',
        'liveChatModerators',
        'liveStreams',
        'playlistImages',
        'superChatEvents',
      ]),
    );
    for (const { method, units } of assumed)
      expect([method, units]).toEqual([method, method.endsWith('.list') ? 1 : 50]);
  });

  it('names the budget that the limits count each call against', () => {
    for (const [name, { id, media }] of Object.entries(operations)) {
      const cost = costs.get(nameMethod(id));
      const [method, path = ''] = name.split(' ') as [PlatformRequest['method'], string];
      if (!cost) continue;
      const [limit] = youtube.limitRequest(
        { method, path: media ? `/upload${path}` : path },
        { accountId: 'UCdemo' },
        cost.units,
      );
      expect([id, limit?.bucket]).toEqual([id, `youtube:${cost.budget}:client`]);
    }
  });
});

describe('the cost that a dry run tells', () => {
  const offered = youtube.actions.filter(({ unsupported }) => !unsupported);

  it.each(offered.map((action) => [action.type, action] as const))(
    'of %s is that of its requests together',
    async (_type, action) => {
      const input = action.parse(action.example.input, CONTEXT);
      const { requests, cost } = await rehearse(youtube, action, input, CONTEXT);
      expect(
        requests.map(({ request }) => findCost(request)).reduce((sum, units) => sum + units, 0),
      ).toBe(cost);
      expect(requests.reduce((sum, request) => sum + request.cost, 0)).toBe(cost);
    },
  );
});
