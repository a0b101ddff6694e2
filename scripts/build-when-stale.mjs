// Builds, unless dist is newer than everything it is made from.
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const BUILT = join(ROOT, 'dist/.tsbuildinfo');
const SOURCES = ['src', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

/** When a file, or the newest of a folder with all below it, was changed. */
function findNewest(path) {
  const found = statSync(path);
  const below = found.isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [];
  return Math.max(found.mtimeMs, ...below.map(findNewest));
}

const builtAt = statSync(BUILT, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (Math.max(...SOURCES.map((source) => findNewest(join(ROOT, source)))) > builtAt) {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
  // The compiler leaves the file alone where nothing that counts has changed.
  utimesSync(BUILT, new Date(), new Date());
}
