// Real: every action of the catalogue, and the platforms' published contracts. Fake: the platforms. Writes
// docs/coverage.md with --update, and otherwise compares it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { contractOf } from '../support/contract/answers.js';
import {
  type Coverage,
  listStaleReasons,
  listWrites,
  readCalled,
  renderCoverage,
} from '../support/contract/coverage.js';
import { Trial } from '../support/contract/trial.js';
import { listActions, listPlatforms } from '../support/contract/tried-actions.js';
import { PLATFORMS } from '../../src/platforms/platforms.js';

const DOC = '../../docs/coverage.md';
const FILE = join(import.meta.dirname, DOC);

/** The writes of each platform that count for a bot, as its documents had them when the contract was read. */
const WRITES: Readonly<Record<string, number>> = { twitch: 73, discord: 118, youtube: 49 };

const actions = await listActions();
const titles = new Map(PLATFORMS.map(({ title, name }) => [title, name]));

async function cover(platform: string): Promise<Coverage> {
  const contract = contractOf(platform);
  const calls = new Map<string, string[]>();
  for (const tried of actions) {
    if (tried.platform !== platform || tried.action.unsupported) continue;
    const trial = new Trial(tried, contract);
    await trial.holdCombinations();
    for (const key of trial.endpoints)
      calls.set(key, [...(calls.get(key) ?? []), tried.action.type]);
  }
  const { title = platform } = PLATFORMS.find(({ name }) => name === platform) ?? {};
  return { platform, title, contract, calls };
}

describe('the writes of the platforms', () => {
  let coverage: Coverage[];

  beforeAll(async () => {
    coverage = [];
    for (const platform of listPlatforms(actions).platforms) coverage.push(await cover(platform));
  });

  it.each(Object.entries(WRITES))('of %s are all in its contract: %i', (platform, count) => {
    expect(listWrites(contractOf(platform))).toHaveLength(count);
  });

  it('have no reason for what is called, or is not there', () => {
    expect(coverage.flatMap(listStaleReasons)).toEqual([]);
  });

  it('are shown in docs/coverage.md, and none is lost; mend it with: npm run generate', async () => {
    const text = renderCoverage(coverage);
    const now = readCalled(text, titles);
    expect(now.length).toBeGreaterThan(40);
    // To take an action away on purpose, take its lines out of the document first.
    const before = readCalled(readFileSync(FILE, 'utf8'), titles);
    expect(before.filter((called) => !now.includes(called))).toEqual([]);
    await expect(text).toMatchFileSnapshot(DOC);
  });
});
