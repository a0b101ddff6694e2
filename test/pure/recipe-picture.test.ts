// Real: the executor and the upstream session, Twitch's action. Fake: what they work with, which notes when it is asked.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Delivery } from '../../src/actions/wire.js';
import { AccountUse } from '../../src/execution/account-use.js';
import { Admission } from '../../src/execution/admission.js';
import { CredentialReferences } from '../../src/execution/credential-references.js';
import { Deferral } from '../../src/execution/deferral.js';
import { Dispatcher } from '../../src/execution/dispatcher.js';
import { Executor } from '../../src/execution/executor.js';
import { Lifecycle } from '../../src/execution/lifecycle.js';
import { Preparation } from '../../src/execution/preparation.js';
import { Reads } from '../../src/execution/reads.js';
import { Recipe } from '../../src/execution/recipe.js';
import { Recording } from '../../src/execution/recording.js';
import { UpstreamConnector } from '../../src/execution/upstream-connector.js';
import { twitchActions } from '../../src/platforms/twitch/actions/index.js';
import { TwitchPlatform } from '../../src/platforms/twitch/twitch.platform.js';
import { makeCaller } from '../support/callers.js';

/** The steps of a run in the order in which each was first taken. */
const steps = vi.hoisted(() => new Set<string>());

vi.mock(import('../../src/actions/envelope.js'), async (load) => {
  const real = await load();
  return {
    ...real,
    parseEnvelope: (raw: unknown) => {
      steps.add('parseEnvelope');
      return real.parseEnvelope(raw);
    },
  };
});

vi.mock(import('../../src/execution/envelope-checks.js'), async (load) => {
  const real = await load();
  return {
    ...real,
    requirePermission: (...about: Parameters<typeof real.requirePermission>) => {
      steps.add('requirePermission');
      return real.requirePermission(...about);
    },
  };
});

beforeEach(() => {
  steps.clear();
  // The shortest pause before a repeat.
  vi.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => vi.restoreAllMocks());

/** A function that notes a step and gives a value. */
function note<Value>(step: string, value: Value): () => Value {
  return () => {
    steps.add(step);
    return value;
  };
}

const SETTINGS = { apiUrl: 'https://a', authUrl: 'https://b', clientId: 'c', clientSecret: 'd' };
const CREDENTIAL = {
  accountId: '1001',
  accessToken: 'token',
  scopes: ['channel:manage:broadcast'],
  version: 1,
  renewable: true,
  expiresAt: undefined,
};
const CONFIG = {
  MAX_WORKERS: 10,
  MAX_WORKERS_PER_ACCOUNT: 10,
  REQUEST_BUDGET: 30,
  REQUEST_TIMEOUT: 10,
  SHUTDOWN_GRACE: 1,
  MAX_RETRIES: 3,
  LOG_ACTIONS: 'none',
  callbackSecrets: [],
  sandbox: true,
};

const answer = (status: number, headers: Record<string, string> = {}): Delivery => ({
  kind: 'answered',
  answer: {
    status,
    headers,
    body: { data: [{ id: 'm1', position_seconds: 4, created_at: '2026-11-20T10:10:00Z' }] },
  },
});

/** Carries out one envelope; the platform gives these answers. @returns the steps that were taken */
async function follow(deliveries: Delivery[], more: object = {}): Promise<string[]> {
  const platform = new TwitchPlatform(SETTINGS);
  const readRefusal = platform.readRefusal.bind(platform);
  platform.readRefusal = (...about) => {
    // A 401 is read first to decide about a renewal.
    if (about[0].status !== 401) steps.add('judge');
    return readRefusal(...about);
  };
  const marker = twitchActions.find(({ type }) => type === 'marker');
  if (!marker) throw new Error('there is no marker');
  const action: typeof marker = {
    ...marker,
    parse(...about) {
      steps.add('action.parse');
      return marker.parse(...about);
    },
    carryOut(...about) {
      steps.add('action.carryOut');
      return marker.carryOut(...about);
    },
  };
  const limits = {
    pay: async () => note('pay', { tickets: [] })(),
    predictWait: async () => note('prepare', 0)(),
    learn: () => undefined,
    giveBack: () => undefined,
  };
  const turn = {
    get comes() {
      return note('turn.comes', undefined)();
    },
    end: () => undefined,
  };
  const reads = new Reads({ READ_CACHE_BYTES: 1_048_576 });
  const upstream = new UpstreamConnector(
    { deliver: async () => note('deliver', deliveries.shift() ?? answer(200))() } as never,
    { refresh: async () => note('renewToken', { ...CREDENTIAL, version: 2 })() } as never,
    limits as never,
    { isHeld: () => true } as never,
    {
      requireClosed: () => undefined,
      watch: (_name: string, send: () => unknown) => send(),
    } as never,
    {} as never,
    {} as never,
    {} as never,
    {} as never,
    reads,
    CONFIG as never,
  );
  const catalogue = {
    takesLong: () => false,
    findSettlingMs: () => 0,
    get: note('catalogue.get', { platform, action }),
  } as never;
  const repeats = {
    find: note('repeats.find', undefined),
    describeClaim: () => undefined,
    describeWaitingClaim: () => undefined,
    sealAnswer: () => undefined,
    findLife: () => undefined,
  } as never;
  const flags = { require: note('flags.require', undefined) } as never;
  const accounts = { useAtHand: note('useAccount', CREDENTIAL) } as never;
  const log = {
    start: async () => note('begin', 'started')(),
    finish: async () => note('record', undefined)(),
    refuse: async () => undefined,
  } as never;
  const queue = { add: async () => note('lineUp', 'queued')() } as never;
  const config = CONFIG as never;
  const admission = new Admission(
    catalogue,
    { spend: note('budgets.spend', undefined) } as never,
    { enter: note('enterLine', turn) } as never,
    {} as never,
    { isThere: false } as never,
    config,
  );
  const kept = { isWorthKeeping: () => false } as never;
  const recording = new Recording(log, queue, {} as never, kept, repeats, config);
  const deferral = new Deferral(catalogue, queue, repeats, {} as never, config);
  const recipe = new Recipe(
    admission,
    repeats,
    new CredentialReferences(accounts, admission),
    flags,
    new AccountUse(accounts, { noteUse: () => undefined } as never, {} as never),
    new Preparation(limits as never),
    deferral,
    new Dispatcher(upstream, recording, flags),
    reads,
  );
  const lifecycle = new Lifecycle(catalogue, accounts, config);
  const executor = new Executor(lifecycle, recipe, repeats, deferral, recording, config);
  const outcome = await executor.execute(
    { platform: 'twitch', action_type: 'marker', account_id: '1001', ...more },
    {
      caller: makeCaller({ permissions: new Set(['execute_actions']) }),
      door: 'grpc',
      traceId: '',
      answerBy: performance.now() + 30_000,
      deadline: Infinity,
      cancelled: new AbortController().signal,
    },
  );
  expect(outcome).toMatchObject({ success: true, error: '' });
  return [...steps];
}

/** The steps of the picture that stand this far in, but for the door, which is outside of the recipe. */
function listSteps(indent: number): string[] {
  const page = readFileSync(join(import.meta.dirname, '../../docs/architecture.md'), 'utf8');
  const life = page.slice(page.indexOf('## The life of an envelope'));
  const [picture = ''] = /```mermaid\n(.*?)```/s.exec(life) ?? [];
  const step = new RegExp(`^ {${indent}}(\\w+)[[(]+"<b>([\\w.]+)</b>`, 'gm');
  return [...picture.matchAll(step)]
    .map(([, , words]) => words ?? '')
    .filter((words) => words !== 'door');
}

const without = (list: readonly string[], ...left: string[]): string[] =>
  list.filter((step) => !left.includes(step));

describe('the life of an envelope in docs/architecture.md', () => {
  const main = listSteps(2).filter((step) => step !== 'record');
  const session = [...listSteps(6), ...listSteps(4)];
  const until = (last: string): string[] => main.slice(0, main.indexOf(last) + 1);

  it('has the steps that an action takes, in their order', async () => {
    const unauthorized = answer(401);
    const away = answer(503, { 'retry-after': '0' });
    const taken = await follow([unauthorized, away]);
    expect(taken).toEqual([...without(main, 'prepare', 'lineUp'), ...session, 'record']);
  });

  it('has the steps of a dry run, which takes no place in a line', async () => {
    const taken = await follow([], { dry_run: true });
    expect(without(taken, 'action.carryOut')).toEqual(without(until('prepare'), 'enterLine'));
  });

  it('has the steps of an action for later', async () => {
    expect(await follow([], { run_async: true })).toEqual(without(until('lineUp'), 'prepare'));
  });
});
