// Real: the first picture of docs/architecture.md, and what the files of src import. Nothing is fake.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { listImportedFiles, listSources } from '../support/source-imports.js';

/** Rooms that every other room may use; arrows to them would hide the picture. */
const EVERYWHERE = new Set(['config', 'observability', 'vendor']);

const graph = new Map(listSources().map((file) => [file, listImportedFiles(file)]));
const sources = [...graph.keys()];

/** The files at the top of src and the room of the start are one box. */
const roomOf = (file: string): string => {
  const [room = '', ...below] = file.split('/');
  return below.length === 0 || room === 'start' ? 'house' : room;
};

/** Arrows between rooms, as `from --> to`, that files really have. */
function listArrows(): Set<string> {
  const arrows = [...graph].flatMap(([file, imported]) =>
    imported.map((path) => [roomOf(file), roomOf(path)]),
  );
  return new Set(arrows.filter(([from, to]) => from !== to).map((ends) => ends.join(' --> ')));
}

/** The arrows of the picture. */
function listDrawn(page: string): Set<string> {
  const [, picture = ''] = /```mermaid\n(.*?)```/s.exec(page) ?? [];
  return new Set(
    picture.split('\n').flatMap((line) => {
      const [, from, to] = /^ {2}(\w+)(?:\[.*?\])? -(?:-|\.-)> (\w+)/.exec(line) ?? [];
      return from !== undefined && to !== undefined ? [`${from} --> ${to}`] : [];
    }),
  );
}

/** What can be reached from a room by arrows. */
function reach(from: string, arrows: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  const open = [from];
  for (let room = open.pop(); room !== undefined; room = open.pop()) {
    for (const arrow of arrows) {
      const [begin, end = ''] = arrow.split(' --> ');
      if (begin !== room || found.has(end)) continue;
      found.add(end);
      open.push(end);
    }
  }
  return found;
}

describe('the rooms in docs/architecture.md', () => {
  const drawn = listDrawn(readFileSync('docs/architecture.md', 'utf8'));
  const imports = listArrows();

  it('are drawn with arrows that some file really has', () => {
    expect(drawn.size).toBeGreaterThan(15);
    expect([...drawn].filter((arrow) => !imports.has(arrow))).toEqual([]);
  });

  it('have a way for every import, and none of them leads back', () => {
    const missing = [...imports].filter((arrow) => {
      const [from = '', to = ''] = arrow.split(' --> ');
      if (EVERYWHERE.has(from) || EVERYWHERE.has(to)) return false;
      return !reach(from, drawn).has(to);
    });
    expect(missing).toEqual([]);
    for (const arrow of drawn) {
      const [from = '', to = ''] = arrow.split(' --> ');
      expect(reach(to, drawn)).not.toContain(from);
    }
  });

  it('are all there', () => {
    const known = new Set([...drawn].flatMap((arrow) => arrow.split(' --> ')));
    const rooms = new Set(sources.map(roomOf));
    expect([...rooms].filter((room) => !EVERYWHERE.has(room) && !known.has(room))).toEqual([]);
  });
});

describe('files', () => {
  it('import each other in no circle, not even for types', () => {
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, way: readonly string[]): void => {
      if (way.includes(file)) {
        circles.push([...way.slice(way.indexOf(file)), file].join(' → '));
        return;
      }
      if (done.has(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...way, file]);
      done.add(file);
    };
    for (const file of graph.keys()) visit(file, []);
    expect(circles).toEqual([]);
  });

  it('have at most 600 lines, or say at their top why they are long', () => {
    const long = sources.filter((file) => {
      const text = readFileSync(`src/${file}`, 'utf8');
      return (
        text.split('\n').length > 600 && !/^\/\/ This file is long: /m.test(text.slice(0, 400))
      );
    });
    expect(long).toEqual([]);
  });
});
