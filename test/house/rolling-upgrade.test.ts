// Real: gateways of the previous release and of this one as processes, side by side on one PostgreSQL; both
// doors; SIGKILL. Fake: the platforms, at the wire. The previous release is built from the history of the
// repository, so this runs with CHAOS=long alone (npm run test:chaos), and is skipped in a shallow clone.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitForCalls } from '../support/database-faults.js';
import { eventually } from '../support/eventually.js';
import type { FaultLoad, Job } from '../support/fault-load.js';
import { FaultWorld } from '../support/fault-world.js';

const run = promisify(execFile);
const isLong = process.env['CHAOS'] === 'long';
const ROOT = join(import.meta.dirname, '../..');
/** The last commit of the image before this one. */
const PREVIOUS = 'd0d1258c5139b71f4857b589061c5b12552792e2';
const SETTLED_WITHIN_MS = 15_000;
/** Of a dead replica the lease has to end first. */
const LEASE_MS = 15_000;

const isThere = await run('git', ['cat-file', '-e', `${PREVIOUS}^{commit}`], { cwd: ROOT }).then(
  () => true,
  () => false,
);

/** Finds a replica that migrates. */
const MIGRATING = `SELECT pid FROM pg_stat_activity
  WHERE pid <> pg_backend_pid() AND query ILIKE '%"migrations"%'`;

let folder: string;
let world: FaultWorld | undefined;
let load: FaultLoad | undefined;

const isDone = ({ told }: Job): boolean => told.kind === 'done';

/** Builds the previous release beside this one, with the packages of this one. */
async function buildPrevious(): Promise<string> {
  folder = await mkdtemp(join(tmpdir(), 'gateway-previous-'));
  const archive = join(folder, 'tree.tar');
  await run('git', ['archive', `--output=${archive}`, PREVIOUS], { cwd: ROOT });
  await run('tar', ['-xf', archive, '-C', folder]);
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: folder });
  return folder;
}

describe.skipIf(!isLong || !isThere)('an upgrade from the previous release, under load', () => {
  beforeAll(async () => {
    const root = await buildPrevious();
    world = await FaultWorld.open({ root });
  }, 300_000);

  afterAll(async () => {
    await load?.stop();
    await world?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  it('carries out nothing twice and leaves nothing behind, though old and new replicas are killed', async () => {
    if (!world) throw new Error('nothing was started');
    load = await world.makeLoad('upgrade');
    load.start();
    await waitForCalls(load, 5, isDone);
    const [first, second, third] = world.replicas;
    if (!first || !second || !third) throw new Error('a replica is missing');

    // The first new one is cut off in the middle of its migrations, as all others are, and started again.
    let isOver = false;
    const here = world;
    const migrating = world.join().then(
      () => (isOver = true),
      () => (isOver = true),
    );
    await eventually(
      async () => isOver || (await here.query(MIGRATING)).length > 0,
      (isSeen) => isSeen,
      { everyMs: 5 },
    );
    await world.endConnections();
    await migrating;

    const fresh = world.replicas[3] ?? (await world.join());
    load.join(fresh);
    await waitForCalls(load, 5, isDone);

    // An old one dies beside the new one.
    load.leave(first);
    await world.leave(first, 'SIGKILL');
    const another = await world.join();
    load.join(another);
    await waitForCalls(load, 5, isDone);

    // A new one dies beside old ones, and another old one leaves in peace.
    load.leave(fresh);
    await world.leave(fresh, 'SIGKILL');
    load.leave(second);
    await world.leave(second);
    load.join(await world.join());
    await waitForCalls(load, 5, isDone);
    load.leave(third);
    await world.leave(third, 'SIGKILL');
    await waitForCalls(load, 5, isDone);

    await load.stop();
    await world.waitUntilSettled(LEASE_MS + SETTLED_WITHIN_MS);
    const verdict = await world.judge(load);
    // SIGKILL may hit a replica between the exchange of a refresh token and the commit of the new one.
    const deadAccounts = verdict.deadAccounts.filter((account) => !/ was cut off /.test(account));
    expect({ ...verdict, deadAccounts }).toEqual({
      twice: [],
      changed: [],
      notFree: [],
      deadAccounts: [],
    });
    process.stdout.write(
      `upgrade: ${load.jobs.length} calls, ${load.jobs.filter(isDone).length} done at once\n`,
    );
  }, 600_000);
});
