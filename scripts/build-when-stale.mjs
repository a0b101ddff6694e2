// Builds the gateway, its bundle (`bundle`) or the console (`console`), unless what was built is newer than all it is made from.
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const PARTS = {
  gateway: {
    built: 'dist/.tsbuildinfo',
    sources: ['src', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'],
    build: ['run', '--silent', 'build'],
  },
  bundle: {
    built: 'dist/bundle/open-gateway.js',
    sources: ['dist/.tsbuildinfo', 'scripts/bundle.mjs', 'package-lock.json'],
    build: ['exec', '--', 'node', 'scripts/bundle.mjs'],
  },
  console: {
    built: 'console/dist/index.html',
    sources: ['console/src', 'console/index.html', 'console/vite.config.ts', 'package-lock.json'],
    build: ['run', '--silent', 'build', '--workspace', 'console', '--', '--logLevel', 'warn'],
  },
};

/** When a file, or the newest of a folder with all below it, was changed. */
function findNewest(path) {
  const found = statSync(path);
  const below = found.isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [];
  return Math.max(found.mtimeMs, ...below.map(findNewest));
}

const { built, sources, build } = PARTS[process.argv[2] ?? 'gateway'];
const file = join(ROOT, built);
const builtAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (Math.max(...sources.map((source) => findNewest(join(ROOT, source)))) > builtAt) {
  execFileSync('npm', build, { cwd: ROOT, stdio: 'inherit' });
  // The compiler leaves the file alone where nothing that counts has changed.
  utimesSync(file, new Date(), new Date());
}
