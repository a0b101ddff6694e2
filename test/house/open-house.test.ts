// Real: every stage of a gateway in this process, PostgreSQL, both ports. Fake: the platforms (the sandbox).
import { createServer } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.js';
import { openHouse } from '../../src/open-house.js';
import { Closers } from '../../src/start/closers.js';
import { createDatabase } from '../support/database.js';

const opened: Closers[] = [];
afterEach(async () => {
  for (const closers of opened.splice(0)) await closers.close();
});

async function open(url: string, more: Readonly<Record<string, string>> = {}) {
  const lines: string[] = [];
  const closers = new Closers((line) => lines.push(line));
  opened.push(closers);
  const config = loadConfig({
    SANDBOX: 'true',
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    REST_PORT: '0',
    GRPC_PORT: '0',
    DATABASE_URL: url,
    MODULE_SECRET_KEY: 'a'.repeat(64),
    TOKEN_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
    CALLBACK_SECRETS: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
    ...more,
  });
  const house = openHouse(config, pino({ level: 'silent' }), closers);
  return { house, closers, lines };
}

const asksHealth = async (port: number): Promise<number> =>
  (await fetch(`http://127.0.0.1:${port}/health/ready`)).status;

describe('a gateway in this process', () => {
  it('serves, closes everything it opened, and opens again', async () => {
    const { url } = await createDatabase();
    for (let round = 0; round < 2; round += 1) {
      const { house, closers, lines } = await open(url);
      const { config, greeting } = await house;
      expect(greeting).toContain(String(config.REST_PORT));
      expect(await asksHealth(config.REST_PORT)).toBe(200);
      await closers.close();
      await expect(asksHealth(config.REST_PORT)).rejects.toThrow(/fetch failed/);
      expect(lines).toEqual([]);
    }
  });

  it('closes the stages before one that fails', async () => {
    const { url } = await createDatabase();
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const { house, lines } = await open(url, { GRPC_PORT: String(port) });
    await expect(house).rejects.toThrow(`GRPC_PORT: port ${port} is taken`);
    expect(lines).toEqual([]);
    taken.close();
    // Its sandbox, lease and REST port are free again.
    const { config } = await (await open(url)).house;
    expect(await asksHealth(config.REST_PORT)).toBe(200);
  });

  it('stops at the stage it is in when it is closed while it opens', async () => {
    const { url } = await createDatabase();
    const { house, closers } = await open(url);
    const opening = house.catch((error: unknown) => error);
    await closers.close();
    await opening;
    const { config } = await (await open(url)).house;
    expect(await asksHealth(config.REST_PORT)).toBe(200);
  });
});
