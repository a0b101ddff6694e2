// Real: the built gateway, started in a folder with the .env of an earlier service, and PostgreSQL. Fake: the
// platforms, at the wire; nothing is sent to them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EARLIER_ENV_FILES, type EarlierEnvFile } from '../facts/earlier/env-files.js';
import { createDatabase } from '../support/database.js';
import { askEarlier } from '../support/earlier-rest.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
/** The ports of the files are fixed, so that the address is one that no other test listens on. */
const HOST = '127.0.0.43';
/** Where the platforms are, so that nothing leaves this machine; their credentials are those of the file. */
const ADDRESSES = [
  'TWITCH_API_URL',
  'TWITCH_AUTH_URL',
  'DISCORD_API_URL',
  'YOUTUBE_API_URL',
  'GOOGLE_AUTH_URL',
  'GOOGLE_TOKEN_URL',
];

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});

afterAll(() => sandbox?.close());

/** Starts a gateway that reads the file, and gives what it wrote until it was ready, or ended. */
async function startWith(
  { lines, hasNoDatabase = false }: EarlierEnvFile,
  use: (written: readonly string[]) => Promise<void>,
): Promise<void> {
  const [folder, database] = await Promise.all([
    mkdtemp(join(tmpdir(), 'earlier-env-')),
    createDatabase(),
  ]);
  const url = hasNoDatabase ? [] : [`DATABASE_URL=${database.url}`];
  await writeFile(join(folder, '.env'), [...lines, ...url, ''].join('\n'));
  const addresses = ADDRESSES.map((name) => [name, sandbox.env[name]] as const);
  const child = spawn(process.execPath, [MAIN], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOST, ...Object.fromEntries(addresses) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const written: string[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream }).on('line', (line) => {
          written.push(line);
          if (line.includes('"msg":"ready"')) resolve();
        });
      void exited.then(() => reject(new Error(`it ended:\n${written.join('\n')}`)));
    });
    await use(written);
  } finally {
    child.kill('SIGTERM');
    await exited;
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

describe.each(EARLIER_ENV_FILES)('the .env of the earlier service $service', (file) => {
  const { lines, restPort, module, notes } = file;
  it('starts the gateway as it is, and what means nothing is told in one line each', async () => {
    await startWith(file, async (written) => {
      for (const note of notes)
        expect([note, written.filter((line) => note.test(line)).length]).toEqual([note, 1]);
      expect(written.filter((line) => / has no effect/.test(line))).toHaveLength(notes.length);
      const { status, body } = await askEarlier(`http://${HOST}:${restPort}/health`, 'GET');
      expect([status, body['module']]).toEqual([200, module]);
      const secrets = lines
        .filter((line) => /^(API_KEY|.*_SECRET(_KEY)?|.*_API_KEY|.*_TOKEN)=/.test(line))
        .map((line) => line.slice(line.indexOf('=') + 1));
      for (const secret of secrets) expect(written.join('\n')).not.toContain(secret);
    });
  });
});
