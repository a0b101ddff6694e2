// Real: the built console.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const BUILT = join(import.meta.dirname, '../../console/dist');
const MOST_BYTES = 180_000;

const read = (path: string): Buffer => readFileSync(join(BUILT, path));

it('loads at most 180 kB, compressed, before its first screen', () => {
  const index = read('index.html').toString();
  const files = Array.from(
    index.matchAll(/(?:src|href)="\/console\/([^"]+)"/g),
    ([, path]) => path,
  );
  expect(files.length).toBeGreaterThan(2);
  const sizes = ['index.html', ...files].map((path) => gzipSync(read(path ?? '')).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MOST_BYTES);
});

it('holds no script and no style in the page itself', () => {
  const index = read('index.html').toString();
  expect(index).not.toMatch(/<script(?![^>]*\ssrc=)/);
  expect(index).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
});
