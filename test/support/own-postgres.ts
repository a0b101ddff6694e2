import { execFile } from 'node:child_process';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  statfs,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/database/embedded-postgres.js';
import { findServer } from '../../src/database/postmaster.js';
import { eventually } from './eventually.js';

const run = promisify(execFile);
/** Enough for a new cluster, its WAL and the rows of a test. */
const DISK = '500m';
/** What belongs to the running server and not to a copy of its data. */
const NOT_COPIED = /\/(?:postmaster\.(?:pid|opts)|pg_wal\/.*|pg_replslot\/.*|pg_dynshmem\/.*)$/;

/** The role and the database of {@link OwnPostgres.createTenant}. */
const TENANT = 'app';

/** A PostgreSQL server of one test, which may break it in any way. */
export class OwnPostgres {
  #server: EmbeddedPostgres | undefined;
  #url = '';
  #stopped: readonly number[] = [];

  private constructor(
    readonly folder: string,
    readonly isSmallDisk: boolean,
  ) {}

  /** Starts a new server; on a tmpfs of 500 MB where `smallDisk` is wanted and mounting is allowed. */
  static async open({
    smallDisk = false,
  }: { smallDisk?: boolean | undefined } = {}): Promise<OwnPostgres> {
    const folder = await mkdtemp(join(tmpdir(), 'gateway-own-postgres-'));
    const isSmallDisk = smallDisk && (await mount(folder));
    await chmod(folder, 0o755);
    const server = new OwnPostgres(folder, isSmallDisk);
    await server.start();
    return server;
  }

  /** A superuser's URL; the port stays the same for as long as the server exists. */
  get url(): string {
    return this.#url;
  }

  /** The URL of a database whose owner is no superuser, so that limits of roles and databases hold. */
  get tenantUrl(): string {
    const url = new URL(this.#url);
    url.username = TENANT;
    url.pathname = `/${TENANT}`;
    return url.href;
  }

  /** Makes the database of {@link tenantUrl}. */
  async createTenant(): Promise<void> {
    const { password } = new URL(this.#url);
    await this.run(`CREATE ROLE ${TENANT} LOGIN PASSWORD '${password}'`);
    await this.run(`CREATE DATABASE ${TENANT} OWNER ${TENANT}`);
  }

  async start(): Promise<void> {
    const port = this.#url === '' ? undefined : Number(new URL(this.#url).port);
    this.#server = await startEmbeddedPostgres({
      dataDir: this.folder,
      ...(port !== undefined && { port }),
    });
    this.#url = this.#server.url;
  }

  /** A fast shutdown, as an administrator does it. */
  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  /** Ends the postmaster by SIGKILL; its children notice and end. */
  async kill(): Promise<void> {
    const pid = await findServer(this.#data);
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    // Frees the claim of the folder, and waits for what is left.
    await this.stop();
  }

  /** Stops every process of the server by SIGSTOP: connections stay open and nothing answers. */
  async pause(): Promise<void> {
    const pid = await findServer(this.#data);
    if (pid === undefined) throw new Error('the server does not run');
    process.kill(pid, 'SIGSTOP');
    const children = await listChildren(pid);
    for (const child of children) signal(child, 'SIGSTOP');
    this.#stopped = [...children, pid];
  }

  resume(): void {
    for (const pid of this.#stopped) signal(pid, 'SIGCONT');
    this.#stopped = [];
  }

  /** Fills the disk to its last byte. @throws where the disk is the machine's own */
  async fillDisk(): Promise<void> {
    if (!this.isSmallDisk) throw new Error('the disk is not a small one of our own');
    const { bavail, bsize } = await statfs(this.folder);
    const count = String(Math.ceil((bavail * bsize) / 1_048_576) + 1);
    // dd fails at the end of the disk, which is what is wanted.
    await run('dd', ['if=/dev/zero', `of=${this.#ballast}`, 'bs=1M', `count=${count}`]).catch(
      () => undefined,
    );
  }

  async emptyDisk(): Promise<void> {
    await rm(this.#ballast, { force: true });
  }

  /** Starts the server again if a fault has ended it. */
  async revive(): Promise<void> {
    if ((await findServer(this.#data)) !== undefined && (await this.#answers())) return;
    await this.stop();
    await this.start();
  }

  /**
   * Makes a standby that streams from this server, through `replicationUrl`, which may be a proxy before it.
   * There is no pg_basebackup in the package of the tests, so its steps are made here.
   * @see https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
   */
  async makeStandby(replicationUrl: string): Promise<OwnPostgres> {
    const folder = await mkdtemp(join(tmpdir(), 'gateway-standby-'));
    await chmod(folder, 0o755);
    const standby = new OwnPostgres(folder, false);
    const data = join(folder, 'postgres');
    const session = new Client({ connectionString: this.#url });
    await session.connect();
    try {
      await session.query("SELECT pg_backup_start('standby', true)");
      await cp(this.#data, data, {
        recursive: true,
        filter: (path) => !NOT_COPIED.test(path),
      });
      const { rows } = await session.query<{ labelfile: string }>(
        'SELECT labelfile FROM pg_backup_stop(false)',
      );
      await writeFile(join(data, 'backup_label'), rows[0]?.labelfile ?? '');
    } finally {
      await session.end();
    }
    await chmod(data, 0o700);
    await cp(join(this.folder, 'postgres.password'), join(folder, 'postgres.password'));
    const { hostname, port, username, password } = new URL(replicationUrl);
    await writeFile(
      join(data, 'postgresql.auto.conf'),
      `primary_conninfo = 'host=${hostname} port=${port} user=${username} password=${password} application_name=standby'\n`,
    );
    await writeFile(join(data, 'standby.signal'), '');
    await mkdir(join(data, 'pg_wal'), { recursive: true });
    await standby.start();
    return standby;
  }

  /** Makes a standby the primary. */
  async promote(): Promise<void> {
    await this.run('SELECT pg_promote()');
  }

  /** Changes a setting of the server; takes effect at once. */
  async alterSystem(setting: string): Promise<void> {
    await this.run(`ALTER SYSTEM SET ${setting}`);
    await this.run('SELECT pg_reload_conf()');
  }

  /** One statement as the superuser. */
  async run<Row = Record<string, unknown>>(
    sql: string,
    { database }: { database?: string } = {},
  ): Promise<Row[]> {
    const url = new URL(this.#url);
    if (database !== undefined) url.pathname = `/${database}`;
    const client = new Client({ connectionString: url.href, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(sql)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    this.resume();
    await this.stop();
    if (this.isSmallDisk) await run('umount', [this.folder]);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Resolves when a standby is connected and has everything. */
  async waitForStandby(): Promise<void> {
    await eventually(
      () =>
        this.run<{ lag: string | null }>(
          `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::text AS lag
           FROM pg_stat_replication WHERE state = 'streaming'`,
        ),
      ([standby]) => standby?.lag === '0',
      { withinMs: 60_000 },
    );
  }

  get #data(): string {
    return join(this.folder, 'postgres');
  }

  get #ballast(): string {
    return join(this.folder, 'ballast');
  }

  async #answers(): Promise<boolean> {
    return this.run('SELECT 1').then(
      () => true,
      () => false,
    );
  }
}

/** Mounts a small tmpfs. @returns false where this user may not */
async function mount(folder: string): Promise<boolean> {
  return run('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', folder]).then(
    () => true,
    () => false,
  );
}

async function listChildren(parent: number): Promise<number[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const line = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
      // After the command in parentheses come the state and the parent.
      const [, ppid] = line.slice(line.lastIndexOf(')') + 2).split(' ');
      return Number(ppid) === parent ? [Number(name)] : [];
    }),
  );
  return found.flat();
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
