import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** A client that was packed, installed into an empty project and is used from there. */
export interface InstalledClient {
  /** Runs a program of the project, and gives what it printed. */
  run(
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<string>;
  remove(): Promise<void>;
}

/**
 * The TypeScript client as a package in a project of its own, whose programs are compiled strictly.
 * @param transport over `grpc`, its packages are there too; over `rest`, the client alone
 */
export async function installTypescript(transport: 'rest' | 'grpc'): Promise<InstalledClient> {
  const folder = await mkdtemp(join(tmpdir(), 'client-typescript-'));
  const client = join(ROOT, 'clients/typescript');
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: client });
  const [tarball = ''] = await readdir(folder);
  await writeFile(join(folder, 'package.json'), '{"name":"a-bot","private":true,"type":"module"}');
  await run('npm', ['install', '--silent', '--offline', '--no-audit', `./${tarball}`], {
    cwd: folder,
  });
  if (transport === 'grpc')
    await symlink(join(ROOT, 'node_modules/@grpc'), join(folder, 'node_modules/@grpc'));
  for (const source of ['examples/greet.ts', 'test/scenes.ts', `test/${transport}/transport.ts`])
    await cp(join(client, source), join(folder, source.replace(/.*\//, '')));
  await writeFile(join(folder, 'samples.ts'), await readSamples('ts'));
  // What the sources use of Node.js comes from the repository; the client from the package alone.
  const options = {
    compilerOptions: {
      module: 'NodeNext',
      target: 'ES2022',
      strict: true,
      rootDir: '.',
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules/@types')],
    },
    include: ['*.ts'],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(options));
  await runOrTell(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder]);
  return {
    run: (program, args, env) =>
      runOrTell(process.execPath, [join(folder, `${program}.js`), ...args], env),
    remove: () => rm(folder, { recursive: true }),
  };
}

/** Why the Python client cannot be tested here; undefined where it can. */
export function findPythonFault(): string | undefined {
  const needed = 'import venv, flit_core, httpx, mypy, typing_extensions';
  const { status } = spawnSync('python3', ['-c', needed]);
  return status === 0
    ? undefined
    : 'python3 with the packages of test/requirements.txt is not at hand';
}

/** The Python client as a wheel in an environment of its own, which sees the packages of the test's. */
export async function installPython(): Promise<InstalledClient> {
  const folder = await mkdtemp(join(tmpdir(), 'client-python-'));
  const source = join(folder, 'source');
  const client = join(ROOT, 'clients/python');
  await cp(client, source, { recursive: true });
  const pip = ['-m', 'pip', '--quiet', '--disable-pip-version-check'];
  const build = [
    'wheel',
    '--no-deps',
    '--no-build-isolation',
    '--no-index',
    '--wheel-dir',
    folder,
    source,
  ];
  await runOrTell('python3', [...pip, ...build]);
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl')) ?? '';
  const site = join(folder, 'site');
  await mkdir(site);
  const install = ['install', '--no-deps', '--no-index', '--target', site, join(folder, wheel)];
  await runOrTell('python3', [...pip, ...install]);
  for (const program of ['examples/greet.py', 'test/scenes.py'])
    await cp(join(client, program), join(folder, program.replace(/.*\//, '')));
  await writeFile(join(folder, 'samples.py'), await readSamples('python'));
  const env = { PYTHONPATH: site };
  const check = ['-m', 'mypy', '--strict', '--cache-dir', join(folder, 'cache')];
  for (const what of [
    ['greet.py', 'scenes.py', 'samples.py'],
    ['--package', 'action_gateway'],
  ])
    await runOrTell('python3', [...check, ...what], env, folder);
  return {
    run: (program, args, more) =>
      runOrTell('python3', [join(folder, `${program}.py`), ...args], { ...env, ...more }),
    remove: () => rm(folder, { recursive: true }),
  };
}

/** The samples of docs/clients.md in a language, as one program. */
async function readSamples(language: string): Promise<string> {
  const page = await readFile(join(ROOT, 'docs/clients.md'), 'utf8');
  const blocks = page.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'));
  return Array.from(blocks, ([, code = '']) => code).join('\n');
}

/** @throws Error with what the program printed */
async function runOrTell(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<string> {
  try {
    const options = { env: { ...process.env, ...env }, cwd, timeout: 120_000 };
    return (await run(program, [...args], options)).stdout;
  } catch (error) {
    const {
      stdout = '',
      stderr = '',
      message,
    } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${message}\n${stdout}\n${stderr}`, { cause: error });
  }
}
