import { readdirSync, readFileSync } from 'node:fs';
import { dirname, normalize, join } from 'node:path/posix';

/** Every file of src, as seen from there. */
export function listSources(): string[] {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' });
  return files.map((file) => file.replaceAll('\\', '/')).filter((file) => file.endsWith('.ts'));
}

/** The code of a file of src, without its comments. */
export function readCode(file: string): string {
  return dropComments(readFileSync(`src/${file}`, 'utf8'));
}

export function dropComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}

/** Every module that a code names, also for its types alone. */
export function listImports(code: string): string[] {
  const naming = /\b(?:from|import|require)\s*\(?\s*['"`]([^'"`]+)['"`]/g;
  return [...code.matchAll(naming)].map(([, path = '']) => path);
}

/** The files that a file of src imports, as seen from src. */
export function listImportedFiles(file: string): string[] {
  return listImports(readCode(file))
    .filter((path) => path.startsWith('.'))
    .map((path) => normalize(join(dirname(file), path)).replace(/\.js$/, '.ts'));
}
