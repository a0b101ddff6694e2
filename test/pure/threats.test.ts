// Real: THREATS.md, and the tests it names.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const text = readFileSync(join(ROOT, 'THREATS.md'), 'utf8');

const sections = text
  .split(/^## /m)
  .slice(1)
  .map((section) => ({ title: section.split('\n')[0] ?? '', section }));
const named = [...text.matchAll(/^- `(test\/[^`]+)` "(.+)"$/gm)].map(
  ([, path = '', name = '']) => [path, name] as const,
);

describe('the threats', () => {
  it('are all ten of OWASP, in their order, and each has a test', () => {
    const ten = sections.filter(({ title }) => /^API\d/.test(title));
    expect(ten.map(({ title }) => title.split(' ')[0])).toEqual(
      Array.from({ length: 10 }, (_point, index) => `API${index + 1}`),
    );
    for (const { title, section } of ten)
      expect([title, /^- `test\//m.test(section)]).toEqual([title, true]);
  });

  it.each(named)('name a test that is there: %s "%s"', (path, name) => {
    const file = join(ROOT, path);
    expect(existsSync(file)).toBe(true);
    const source = readFileSync(file, 'utf8');
    const quoted = ["'", '"', '`'].map((mark) => `(${mark}${name}${mark},`);
    // Prettier puts what is long on a line of its own.
    const compact = source.replace(/\(\s+/g, '(');
    expect(quoted.some((call) => compact.includes(call))).toBe(true);
  });

  it('name every test in the one form that is read here', () => {
    const lines = text.split('\n').filter((line) => line.startsWith('- '));
    expect(lines).toHaveLength(named.length);
  });
});
