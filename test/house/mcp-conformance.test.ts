// Real: the built gateway, PostgreSQL, the published conformance suite as a program of its own. Fake: the platforms, at the wire.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CredentialProxy, startCredentialProxy } from '../support/credential-proxy.js';
import { makeToken } from '../support/gateway.js';
import { listOtherNodes } from '../support/other-nodes.js';
import { House } from '../support/two-doors.js';

const PROGRAM = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
);
/** The suite uses `fs.globSync`, which Node.js 20 does not have. */
const node =
  Number(process.versions.node.split('.')[0]) >= 22
    ? process.execPath
    : [...listOtherNodes()].find(([major]) => Number(major) >= 22)?.[1];

/** Scenarios that do not concern this server, by the reason. */
const SKIPPED: Readonly<Record<string, readonly string[]>> = {
  'calls a tool, or reads a schema, that only the example server of the suite has': [
    'tools-call-simple-text',
    'tools-call-image',
    'tools-call-audio',
    'tools-call-embedded-resource',
    'tools-call-mixed-content',
    'tools-call-with-logging',
    'tools-call-error',
    'tools-call-with-progress',
    'tools-call-sampling',
    'tools-call-elicitation',
    'json-schema-2020-12',
    'elicitation-sep1034-defaults',
    'elicitation-sep1330-enums',
  ],
  'asks for logging or completions, which this server does not declare': [
    'logging-set-level',
    'completion-complete',
  ],
  'asks for resources, which this server does not declare': [
    'resources-list',
    'resources-read-text',
    'resources-read-binary',
    'resources-templates-read',
    'resources-subscribe',
    'resources-unsubscribe',
  ],
  'asks for prompts, which this server does not declare': [
    'prompts-list',
    'prompts-get-simple',
    'prompts-get-with-args',
    'prompts-get-embedded-resource',
    'prompts-get-with-image',
  ],
};
const CONCERNING = [
  'server-initialize',
  'ping',
  'tools-list',
  'server-sse-polling',
  'server-sse-multiple-streams',
  'dns-rebinding-protection',
];

interface Verdict {
  readonly exit: number;
  readonly report: string;
}

let house: House;
let proxy: CredentialProxy;
let folder: string;
beforeAll(async () => {
  [house, folder] = await Promise.all([House.open(), mkdtemp(join(tmpdir(), 'mcp-'))]);
  proxy = await startCredentialProxy(house.doors.gateway.restUrl, `Bearer ${makeToken()}`);
});
afterAll(async () => {
  proxy?.close();
  await house?.close();
  await rm(folder, { recursive: true, force: true });
});

function run(...args: readonly string[]): Promise<Verdict> {
  return new Promise((resolve) => {
    execFile(node ?? '', [PROGRAM, ...args], { cwd: folder, timeout: 60_000 }, (error, out, err) =>
      resolve({ exit: error ? Number(error.code ?? 1) : 0, report: `${out}${err}` }),
    );
  });
}

describe.skipIf(node === undefined)('the conformance suite', () => {
  it.each(CONCERNING)('finds nothing wrong: %s', async (scenario) => {
    const url = `${proxy.url}/mcp`;
    const { exit, report } = await run('server', '--url', url, '--scenario', scenario);
    expect({ exit, fault: exit === 0 ? '' : report }).toEqual({ exit: 0, fault: '' });
  });

  it('has no scenario that is neither run nor skipped with a reason', async () => {
    const { report } = await run('list', '--server');
    const all = Array.from(report.matchAll(/^ {2}- (\S+) \[/gm), ([, name]) => name);
    expect(all.toSorted()).toEqual([...CONCERNING, ...Object.values(SKIPPED).flat()].toSorted());
  });
});
