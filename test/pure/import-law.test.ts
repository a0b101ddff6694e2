// Real: every file of src. The law is the table below; a room that is not in it breaks it.
import { readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { dropComments, listImports, listSources, readCode } from '../support/source-imports.js';

/** What every room but actions and platforms may import. */
const EVERYWHERE = ['config', 'observability', 'vendor'];

/** What carries out actions, for the rooms above it. */
const BELOW_DOORS = [
  'actions',
  'callers',
  'accounts',
  'safeguards',
  'cluster',
  'journal',
  'queue',
  'execution',
  ...EVERYWHERE,
];

/** Whom a room may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  actions: ['vendor'],
  vendor: [],
  platforms: ['actions', 'sandbox'],
  config: ['actions', 'platforms'],
  observability: ['actions', 'database', 'config', 'vendor'],
  database: ['actions', 'config', 'vendor'],
  callers: ['actions', 'database', 'cluster', ...EVERYWHERE],
  accounts: ['actions', 'callers', 'database', 'cluster', ...EVERYWHERE],
  safeguards: ['actions', 'callers', 'database', 'cluster', ...EVERYWHERE],
  cluster: ['database', ...EVERYWHERE],
  journal: ['actions', 'callers', 'database', 'cluster', ...EVERYWHERE],
  queue: ['actions', 'callers', 'database', 'cluster', 'journal', ...EVERYWHERE],
  execution: [
    'actions',
    'callers',
    'accounts',
    'safeguards',
    'cluster',
    'journal',
    'queue',
    ...EVERYWHERE,
  ],
  media: [
    'actions',
    'callers',
    'database',
    'safeguards',
    'cluster',
    'journal',
    'queue',
    'execution',
    'doors',
    ...EVERYWHERE,
  ],
  predecessors: [...BELOW_DOORS, 'doors'],
  doors: BELOW_DOORS,
  // Puts parts of the other rooms together, for the files at the top.
  start: [
    'actions',
    'platforms',
    'callers',
    'database',
    'accounts',
    'execution',
    'doors',
    'sandbox',
    ...EVERYWHERE,
  ],
  sandbox: [],
  // The commands of operators; see also IMPORTS_THE_TOP.
  cli: [...BELOW_DOORS, 'platforms', 'database', 'doors', 'predecessors', 'sandbox', 'start'],
};

/** The list of platforms: the only file outside of a platform's folder that imports from it. */
const IMPORTS_PLATFORMS = 'platforms/platforms.ts';

/** Files at the top of src put the rooms together and may import any. This room uses what they put together. */
const IMPORTS_THE_TOP = 'cli';

const BANNED_WORDS = new Set(['util', 'utils', 'common', 'helper', 'helpers', 'manager', 'base']);

/** What a source file does against the law, as lines for people: the file, what it does, the rule. */
function findViolations(file: string, source: string): string[] {
  const code = dropComments(source);
  const violations: string[] = [];
  const complain = (what: string, rule: string): unknown =>
    violations.push(`src/${file} ${what}: ${rule}`);
  for (const path of listImports(code).filter((name) => name.startsWith('.'))) {
    const rule = findBrokenRule(file, normalize(join(dirname(file), path)));
    if (rule !== undefined) complain(`imports ${path}`, rule);
  }
  if (/\bexport\s+default\b|\bas\s+default\b/.test(code))
    complain('has a default export', 'exports have names, so that they can be found');
  const words = [...dirname(file).split('/'), ...(basename(file).split('.')[0] ?? '').split('-')];
  const banned = words.find((word) => BANNED_WORDS.has(word));
  if (banned !== undefined)
    complain(`is called ${banned}`, 'a name says what is inside: no utils, helpers, manager, base');
  const readsEnvironment =
    /\bprocess\s*\??\.?\s*(\.\s*env\b|\[\s*['"`]env)|\benv\b[^;]*process['"]/;
  const mayRead = file.startsWith('config/');
  if (!mayRead && readsEnvironment.test(code))
    complain('reads process.env', 'only config/ reads the environment');
  return violations;
}

/** The rule that an import from one file to another breaks; both as seen from src. */
function findBrokenRule(from: string, to: string): string | undefined {
  if (to.startsWith('..')) return 'src imports nothing of ours from outside';
  const [room = '', ...below] = from.split('/');
  const [target = '', ...belowTarget] = to.split('/');
  const isOfOnePlatform = target === 'platforms' && belowTarget.length > 1;
  if (isOfOnePlatform && from !== IMPORTS_PLATFORMS && !isWithinPlatform(from))
    return `only ${IMPORTS_PLATFORMS} imports from the folder of a platform`;
  if (isOfOnePlatform && isWithinPlatform(from) && below[0] !== belowTarget[0])
    return 'platforms never import each other';
  if (below.length === 0) return undefined;
  if (belowTarget.length === 0)
    return room === IMPORTS_THE_TOP ? undefined : 'no room imports what puts the rooms together';
  const allowed = MAY_IMPORT[room];
  if (allowed === undefined) return `${room} is no room of the law: add it to the table`;
  if (target === room || allowed.includes(target)) return undefined;
  return `${room} may import ${allowed.join(', ') || 'nothing of ours'}`;
}

function isWithinPlatform(file: string): boolean {
  const parts = file.split('/');
  return parts[0] === 'platforms' && parts.length > 2;
}

/** The files of src that a file loads when it is loaded itself: not those that it imports later, nor types. */
function listStatically(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const code = readCode(file);
  const naming = /\b(?:import|export)\s(?!type\b)[^;'"]*['"](\.[^'"]+\.js)['"]/g;
  for (const [, path = ''] of code.matchAll(naming))
    listStatically(normalize(join(dirname(file), path)).replace(/\.js$/, '.ts'), seen);
  return [...seen];
}

describe('the import law', () => {
  it('is kept by every file of src', () => {
    const sources = listSources();
    expect(sources.length).toBeGreaterThan(80);
    const violations = sources.flatMap((file) =>
      findViolations(file, readFileSync(`src/${file}`, 'utf8')),
    );
    expect(violations).toEqual([]);
  });

  it('loads no code of media before media are on', () => {
    const loaded = listStatically('open-house.ts');
    expect(loaded).toContain('doors/doors.module.ts');
    const ofMedia = loaded.filter((file) => file.startsWith('media/'));
    expect(ofMedia).toContain('media/contract/media-off.ts');
    expect(ofMedia.filter((file) => !file.startsWith('media/contract/'))).toEqual([]);
  });

  it('knows every room there is, and no other', () => {
    const rooms = new Set(
      listSources().flatMap((file) => (file.includes('/') ? [file.split('/')[0]] : [])),
    );
    for (const room of rooms) expect(Object.keys(MAY_IMPORT)).toContain(room);
  });
});

describe('the checker', () => {
  const violations: readonly [file: string, source: string, says: RegExp][] = [
    ['actions/x.ts', `import { a } from '../config/config.js';`, /actions may import vendor/],
    ['actions/x.ts', `import type { A } from '../database/vault.js';`, /imports \.\.\/database/],
    [
      'accounts/x.ts',
      `export { A } from '../safeguards/limits.js';`,
      /accounts may import actions/,
    ],
    ['journal/x.ts', `export * from '../execution/executor.js';`, /journal may import/],
    ['execution/x.ts', `type A = import('../doors/refusal.js').A;`, /execution may import/],
    [
      'execution/x.ts',
      `import '../platforms/twitch/twitch.platform.js';`,
      /only platforms\/platforms\.ts/,
    ],
    [
      'main.ts',
      `const a = await import('./platforms/twitch/limits.js');`,
      /only platforms\/platforms\.ts/,
    ],
    ['platforms/discord/x.ts', `import { a } from '../twitch/scopes.js';`, /never import each/],
    [
      'platforms/twitch/x.ts',
      `import { a } from '../../config/config.js';`,
      /platforms may import/,
    ],
    ['sandbox/x.ts', `import { a } from '../actions/json.js';`, /sandbox may import nothing/],
    ['doors/x.ts', `import { a } from '../predecessors/twitch.js';`, /doors may import/],
    ['doors/x.ts', `const a = await import('../media/media-on.js');`, /doors may import/],
    ['doors/x.ts', `import { a } from '../app.module.js';`, /puts the rooms together/],
    ['doors/x.ts', `import { a } from '../../test/support/database.js';`, /from outside/],
    ['lounge/x.ts', `import { a } from '../actions/json.js';`, /lounge is no room/],
    ['journal/x.ts', `import {\n  a,\n  b,\n} from '../doors/refusal.js';`, /journal may import/],
    ['journal/x.ts', 'export default class X {}', /default export/],
    ['journal/x.ts', 'export { x as default };', /default export/],
    ['audit/text-utils.ts', '', /is called utils/],
    ['audit/helpers/x.ts', '', /is called helpers/],
    ['audit/base.module.ts', '', /is called base/],
    ['journal/x.ts', 'const port = process.env.PORT;', /reads process\.env/],
    ['journal/x.ts', `const port = process['env'].PORT;`, /reads process\.env/],
    ['journal/x.ts', `import { env } from 'node:process';`, /reads process\.env/],
  ];

  it.each(violations)('catches %s with %s', (file, source, says) => {
    const found = findViolations(file, source);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(`src/${file} `);
    expect(found[0]).toMatch(says);
  });

  const lawful: readonly [file: string, source: string][] = [
    ['platforms/platforms.ts', `import { A } from './twitch/declaration.js';`],
    ['config/x.ts', `import { A } from '../platforms/platforms.js';`],
    ['cli/x.ts', `import { A } from '../app.module.js';`],
    ['platforms/twitch/x.ts', `import { A } from '../platform-declaration.js';`],
    ['main.ts', `import { A } from './app.module.js'; import './execution/executor.js';`],
    ['platforms/twitch/actions/x.ts', `import { a } from '../scopes.js';`],
    ['doors/grpc/x.ts', `import { a } from '../../execution/executor.js'; import pg from 'pg';`],
    ['journal/x.ts', `// import { a } from '../doors/refusal.js';\n/* process.env */`],
    ['config/x.ts', 'export const x = process.env.X;'],
  ];

  it.each(lawful)('lets %s with %s pass', (file, source) => {
    expect(findViolations(file, source)).toEqual([]);
  });
});
