import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../config/root.js';
import { renderGeneratedFiles } from './generated-files.js';

/** Writes what is derived from the catalogue; with --check it only says what is out of date. */
async function generate(checkOnly: boolean): Promise<void> {
  const stale: string[] = [];
  for (const [path, text] of await renderGeneratedFiles()) {
    const file = join(ROOT, path);
    if (readIfThere(file) === text) continue;
    stale.push(path);
    if (checkOnly) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  for (const path of stale)
    process.stdout.write(checkOnly ? `${path} is out of date\n` : `${path} is written\n`);
  if (checkOnly && stale.length > 0) {
    process.stdout.write('Mend it with: npm run generate\n');
    process.exitCode = 1;
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

await generate(process.argv.includes('--check'));
