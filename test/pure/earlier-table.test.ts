// Real: the facts about the earlier services, and docs/migrate.md. Fake: nothing. That the facts are true of
// the gateway is for test/house/earlier-comparison.test.ts to say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DISCORD } from '../../src/predecessors/discord.js';
import { EARLIER_TWITCH_ACTIONS } from '../../src/predecessors/twitch-actions.js';
import { YOUTUBE } from '../../src/predecessors/youtube.js';
import { EARLIER_FACTS } from '../facts/earlier/index.js';
import { putComparison } from '../support/earlier-table.js';

const MIGRATE = join(import.meta.dirname, '../../docs/migrate.md');

describe('the facts about the earlier services', () => {
  it('name every route and RPC of the tables', () => {
    const known = new Set(EARLIER_FACTS.map(({ service, at }) => `${service} ${at}`));
    const wanted = [DISCORD, YOUTUBE].flatMap(({ name, operations }) =>
      operations.flatMap(({ rpc, route: [method, path] }) => [
        `${name} ${rpc}`,
        `${name} ${method} /${path}`,
      ]),
    );
    expect(wanted.filter((one) => !known.has(one))).toEqual([]);
  });

  it('name every action of Twitch, over both doors', () => {
    for (const door of ['REST', 'gRPC']) {
      const known = new Set(
        EARLIER_FACTS.filter((fact) => fact.service === 'twitch' && fact.door === door).map(
          ({ what }) => what,
        ),
      );
      expect(Object.keys(EARLIER_TWITCH_ACTIONS).filter((one) => !known.has(one))).toEqual([]);
    }
  });

  it('are at least 250, and no two have one title', () => {
    const titles = EARLIER_FACTS.map(({ service, door, at, what }) =>
      [service, door, at, what].join(' '),
    );
    expect(titles.length).toBeGreaterThanOrEqual(250);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  });

  it('are told in docs/migrate.md: mend it with npm run generate', async () => {
    const document = readFileSync(MIGRATE, 'utf8');
    await expect(putComparison(document, EARLIER_FACTS)).toMatchFileSnapshot(MIGRATE);
  });
});
