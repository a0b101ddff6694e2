// Real: the script that "npm run call" runs before itself, in a checkout of its own. Fake: the compiler.
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';

const run = promisify(execFile);
const COMPILER = `require('fs').mkdirSync('dist', { recursive: true });
require('fs').appendFileSync('dist/.tsbuildinfo', 'built ');`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-stale-'));
  for (const name of ['src', 'scripts']) mkdirSync(join(folder, name));
  cpSync('scripts/build-when-stale.mjs', join(folder, 'scripts/build-when-stale.mjs'));
  for (const name of ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'src/a.ts'])
    writeFileSync(join(folder, name), '');
  writeFileSync(join(folder, 'compile.cjs'), COMPILER);
  const manifest = { scripts: { build: 'node compile.cjs' } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
});

afterEach(() => rmSync(folder, { recursive: true }));

async function countBuilds(): Promise<number> {
  await run(process.execPath, ['scripts/build-when-stale.mjs'], { cwd: folder });
  return readFileSync(join(folder, 'dist/.tsbuildinfo'), 'utf8').split(' ').length - 1;
}

it('builds where nothing is built or a source is newer, and at no other time', async () => {
  expect(await countBuilds()).toBe(1);
  expect(await countBuilds()).toBe(1);
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(folder, 'src/a.ts'), later, later);
  expect(await countBuilds()).toBe(2);
});
