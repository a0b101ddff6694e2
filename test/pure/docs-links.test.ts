// Real: every Markdown file of the project. Nothing is fake.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { describe, expect, it } from 'vitest';

const PAGES = ['.', 'bench', 'charts/action-gateway', 'docs', 'docs/adr'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => normalize(join(folder, name))),
);

const readPage = (path: string): string => readFileSync(path, 'utf8');

/** The address of a heading within its page, as GitHub makes it. */
function toAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function listAnchors(text: string): string[] {
  return dropCode(text)
    .split('\n')
    .flatMap((line) => {
      const [, heading] = /^#+ +(.+)$/.exec(line) ?? [];
      return heading === undefined ? [] : [toAnchor(heading)];
    });
}

function dropCode(text: string): string {
  return text.replaceAll(/^( *)```[\s\S]*?^\1```/gm, '');
}

/** Links that lead nowhere, one line each. `read` gives the text of a page. */
function findBrokenLinks(page: string, text: string, read: (path: string) => string): string[] {
  const links = [...dropCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : normalize(join(dirname(page), path));
      if (!existsSync(file)) return true;
      return anchor !== undefined && file.endsWith('.md')
        ? !listAnchors(read(file)).includes(anchor)
        : false;
    })
    .map((target) => `${page} links to ${target}, which does not exist`);
}

describe('links in the documentation', () => {
  it('lead to files and headings that exist', () => {
    expect(PAGES.length).toBeGreaterThan(20);
    expect(PAGES.flatMap((page) => findBrokenLinks(page, readPage(page), readPage))).toEqual([]);
  });

  it.each([
    ['a missing file', '[a](missing.md)'],
    ['a missing heading of another page', '[a](docs/api.md#no-such-heading)'],
    ['a missing heading of the same page', '# Here\n[a](#there)'],
  ])('are checked: %s is found', (_name, text) => {
    expect(
      findBrokenLinks('README.md', text, (path) => (path === 'README.md' ? text : readPage(path))),
    ).toHaveLength(1);
  });

  it('keeps the README to two screens', () => {
    expect(readPage('README.md').split('\n').length).toBeLessThanOrEqual(120);
  });
});
