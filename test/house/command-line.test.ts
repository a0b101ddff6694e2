// Real: the built command line as a process, the built gateway with its sandbox, PostgreSQL, sockets.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { callRest, type GatewayProcess, makeToken, startGateway } from '../support/gateway.js';

const PROGRAM = join(import.meta.dirname, '../../dist/cli/action-gateway.js');

let database: Awaited<ReturnType<typeof createDatabase>>;
let gateway: GatewayProcess;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-line-'));
  database = await createDatabase();
  gateway = await startGateway({ SANDBOX: 'true', DATABASE_URL: database.url });
});

afterAll(async () => {
  await gateway?.stop();
  await database?.drop();
  await rm(folder, { recursive: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in an empty folder, with a configuration of its own. */
async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], XDG_CONFIG_HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    child.exitCode === null ? once(child, 'exit') : undefined,
  ]);
  return { code: child.exitCode, out, err };
}

const profiles = (): string => join(folder, 'action-gateway/profiles.json');
const SAY = ['call', 'twitch', 'chat_message', '{"message":"hello"}', '--account', '1001'];

describe('the command line', () => {
  it('notes a gateway and a key that work, for this user alone', async () => {
    const wrong = await run(['login', gateway.restUrl, '--token', 'no-key']);
    expect(wrong).toMatchObject({ code: 1, err: expect.stringMatching(/does not take the token/) });
    await expect(stat(profiles())).rejects.toThrow('ENOENT');
    const noted = await run(['login', gateway.restUrl, '--token', makeToken()]);
    expect(noted).toMatchObject({ code: 0, err: '' });
    expect((await stat(profiles())).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(profiles(), 'utf8'))).toMatchObject({
      default: { url: gateway.restUrl },
    });
  });

  it('carries out an action at the gateway of its profile', async () => {
    const said = await run(SAY);
    expect([said.code, JSON.parse(said.out)]).toMatchObject([0, { status: 'SUCCEEDED' }]);
    const wrong = ['call', 'twitch', 'chat_message', '{"text":"hello"}', '--account', '1001'];
    const refused = await run(wrong);
    const outcome = JSON.parse(refused.out) as { failure: { violations: { field: string }[] } };
    expect(refused.code).toBe(1);
    expect(outcome.failure.violations.map(({ field }) => field)).toContain('parameters.text');
  });

  it('takes an address and a key from the environment, and over gRPC', async () => {
    const named = { GATEWAY_URL: gateway.restUrl, GATEWAY_TOKEN: makeToken() };
    const apart = { XDG_CONFIG_HOME: join(folder, 'elsewhere') };
    const dry = [...SAY, '--dry-run'];
    const overRest = await run(dry, { ...named, ...apart });
    expect(JSON.parse(overRest.out)).toMatchObject({ status: 'PREPARED' });
    const overGrpc = await run([...dry, '--address', gateway.grpcAddress, '--token', makeToken()]);
    expect(JSON.parse(overGrpc.out)).toMatchObject({ status: 'PREPARED' });
  });

  it.each([
    [['call', 'twitch', 'chat_message', '{"message":'], 2, /The parameters are not JSON/],
    [['cal', 'twitch'], 2, /unknown command 'cal'.*\n.*Did you mean call/],
    [['call', 'twitch'], 2, /missing required argument 'action_type'/],
    [['accounts', '--profile', 'none'], 2, /There is no profile "none" .*there: default/],
    [['import', '--from'], 2, /'--from <value>' argument missing[^]*npm run import/],
    [['accounts', '--local'], 2, /No gateway of this user with a key of its own runs at/],
    [['accounts', '--url', 'localhost:1'], 2, /must begin with http/],
    [['accounts', '--url', 'http://127.0.0.1:9', '--token', 'x'], 1, /No gateway answers at/],
    [['catalog', 'twitch', 'no_such'], 1, /refuses \(/],
  ])('says of %j what is wrong and what to do', async (args, code, message) => {
    const ended = await run(args);
    expect([ended.code, ended.out]).toEqual([code, '']);
    expect(ended.err).toMatch(message);
  });

  it('lists actions and accounts, as a table or as JSON', async () => {
    const table = await run(['catalog', 'twitch']);
    expect(table.out).toMatch(/^platform +action_type +effect/);
    expect(table.out).toMatch(/^twitch +chat_message +create +chat +Send/m);
    const one = await run(['catalog', 'twitch', 'chat_message']);
    expect(one.out).toContain('"input_schema"');
    const accounts = JSON.parse((await run(['accounts', '--json'])).out) as { accounts: object[] };
    expect(accounts.accounts.length).toBeGreaterThan(2);
    expect((await run(['accounts'])).out).toMatch(/^twitch +1001 +demo_channel +\w+/m);
  });

  it('prints the address that connects an account', async () => {
    const { code, out } = await run(['connect', 'twitch', '--group', 'chat']);
    expect(code).toBe(0);
    expect(out).toMatch(/\nhttp:\/\/\S+\/oauth2\/authorize\?\S+\n$/);
  });

  it('creates, rotates and revokes keys', async () => {
    const created = await run(['keys', 'create', 'a-bot', '--action', 'twitch.chat']);
    const key = created.out.trim();
    expect(key).toMatch(/^agk_caller-/);
    expect((await run(['keys', 'list'])).out).toMatch(/^a-bot .*execute_actions +twitch\.chat/m);
    expect((await run([...SAY, '--token', key])).code).toBe(0);
    const rotated = await run(['keys', 'rotate', 'a-bot', '--grace', '0']);
    expect((await run([...SAY, '--token', rotated.out.trim()])).code).toBe(0);
    expect((await run(['keys', 'revoke', 'a-bot'])).out).toBe('a-bot is revoked\n');
    const ended = await run([...SAY, '--token', rotated.out.trim()]);
    expect(ended).toMatchObject({ code: 1, err: expect.stringMatching(/does not take the token/) });
  });

  it('tells changes as they happen', async () => {
    let told: Ended | undefined;
    const watch = async (): Promise<void> => {
      told = await run(['watch', '--platform', 'discord', '--count', '1']);
    };
    const watching = watch();
    const say = {
      platform: 'discord',
      action_type: 'send_message',
      parameters: { channel_id: '700000000000000001', content: 'seen' },
    };
    await eventually(
      async () => {
        await callRest(gateway, 'POST', '/api/v1/actions/execute', say);
        return told;
      },
      (ended) => ended !== undefined,
      { everyMs: 500 },
    );
    await watching;
    expect(told).toMatchObject({ code: 0, out: expect.stringMatching(/discord\.send_message/) });
  });

  it('completes commands, options and platforms in three shells', async () => {
    expect((await run(['complete', '--', 'ca'])).out).toMatch(/^call\t.*\ncatalog\t/);
    expect((await run(['complete', '--', 'call', ''])).out).toMatch(/^twitch\n?.*\nyoutube/);
    expect((await run(['complete', '--', 'call', '--dry'])).out).toMatch(/^--dry-run/);
    for (const shell of ['bash', 'zsh', 'fish'])
      expect((await run(['complete', shell])).out).toContain('action-gateway complete --');
  });
});
