import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What an image is started with. */
interface ImageConfig {
  /** Of the base image. */
  readonly from: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Numbers, as `1000:1000`; undefined for root. */
  readonly user?: string;
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  readonly ports: readonly number[];
}

/** A stage that was carried out in a folder. */
export interface BuiltStage {
  /** Stands for / of the image. */
  readonly root: string;
  readonly config: ImageConfig;
}

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/**
 * Carries out the Dockerfile of a folder without a container engine: COPY and RUN of every stage in a clean
 * folder of its own, with absolute paths below it. The programs are those of this machine.
 * @param context folder with the Dockerfile and .dockerignore
 * @param target empty folder
 * @returns the last stage
 * @throws Error for an instruction or a flag that it does not know, so that none is passed over
 */
export async function buildImage(context: string, target: string): Promise<BuiltStage> {
  const instructions = readInstructions(await readFile(join(context, 'Dockerfile'), 'utf8'));
  const isIgnored = await readIgnore(join(context, '.dockerignore'));
  const stages = new Map<string, BuiltStage>();
  let stage: BuiltStage | undefined;
  for (const { word, rest } of instructions) {
    if (word === 'FROM') {
      const [, from = '', name] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(rest) ?? [];
      const root = join(target, `stage-${stages.size}`);
      await mkdir(root, { recursive: true });
      stage = {
        root,
        config: { from, workdir: '/', env: {}, command: [], healthcheck: [], ports: [] },
      };
      stages.set(name ?? String(stages.size), stage);
      continue;
    }
    if (!stage) throw new Error(`${word} stands before FROM`);
    const { root, config } = stage;
    const set = (change: Partial<ImageConfig>): void => {
      stage = { root, config: { ...config, ...change } };
      const [name = ''] = [...stages].find(([, known]) => known.root === root) ?? [];
      stages.set(name, stage);
    };
    switch (word) {
      case 'WORKDIR':
        set({ workdir: rest });
        await mkdir(join(root, rest), { recursive: true });
        break;
      case 'ENV':
        set({ env: { ...config.env, ...readPairs(rest) } });
        break;
      case 'USER':
        set({ user: rest });
        break;
      case 'EXPOSE':
        set({ ports: rest.split(/\s+/).map(Number) });
        break;
      case 'STOPSIGNAL':
        if (rest !== 'SIGTERM')
          throw new Error(`STOPSIGNAL ${rest}: the gateway closes on SIGTERM`);
        break;
      case 'CMD':
        set({ command: JSON.parse(rest) as string[] });
        break;
      case 'HEALTHCHECK':
        set({ healthcheck: JSON.parse(rest.slice(rest.indexOf('CMD') + 3)) as string[] });
        break;
      case 'COPY':
        await copy(rest, stage, stages, context, isIgnored);
        break;
      case 'RUN':
        await run('/bin/sh', ['-ec', rest], {
          cwd: join(root, config.workdir),
          env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...config.env },
          maxBuffer: 10_000_000,
        });
        break;
      default:
        throw new Error(`The Dockerfile has ${word}, which this test cannot carry out: teach it`);
    }
  }
  if (!stage) throw new Error('The Dockerfile has no stage');
  return stage;
}

function readInstructions(text: string): Instruction[] {
  const lines = text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? [];
    return { word: word.toUpperCase(), rest: rest.trim() };
  });
}

function readPairs(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/(\w+)=("[^"]*"|\S+)/g)].map(([, name = '', value = '']) => [
      name,
      value.replaceAll('"', ''),
    ]),
  );
}

async function copy(
  rest: string,
  { root, config }: BuiltStage,
  stages: ReadonlyMap<string, BuiltStage>,
  context: string,
  isIgnored: (path: string) => boolean,
): Promise<void> {
  const words = rest.split(/\s+/);
  const flags = words.filter((word) => word.startsWith('--'));
  const paths = words.filter((word) => !word.startsWith('--'));
  const target = paths.pop() ?? '';
  const to = join(root, target.startsWith('/') ? target : join(config.workdir, target));
  const from = flags.map((flag) => /^--from=(\S+)$/.exec(flag)?.[1])[0];
  if (flags.length > 0 && (from === undefined || flags.length > 1))
    throw new Error(`COPY has flags that this test does not know: ${flags.join(' ')}`);
  const source = from === undefined ? context : stages.get(from)?.root;
  if (source === undefined) throw new Error(`COPY --from=${from}: there is no such stage`);
  for (const path of paths) {
    const file = join(source, path);
    const isFolder = (await stat(file)).isDirectory();
    if (from === undefined && !isFolder && isIgnored(path))
      throw new Error(`COPY ${path}: .dockerignore leaves it out`);
    await cp(file, isFolder || !target.endsWith('/') ? to : join(to, basename(path)), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (found) => from !== undefined || !isIgnored(relative(context, found)),
    });
    if (isFolder && (await readdir(to)).length === 0)
      throw new Error(`COPY ${path}: nothing of it comes through .dockerignore`);
  }
}

/** Names of files and folders, `*` alone for all, and `!` for what is kept; the last that fits decides. */
async function readIgnore(file: string): Promise<(path: string) => boolean> {
  const rules = (await readFile(file, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  for (const rule of rules)
    if (rule !== '*' && /[*?[\]#]/.test(rule))
      throw new Error(`.dockerignore has a pattern that this test does not know: ${rule}`);
  return (path) => {
    let isIgnored = false;
    for (const rule of rules) {
      const name = rule.replace(/^!/, '').replace(/\/$/, '');
      if (name === '*' || path === name || path.startsWith(`${name}/`))
        isIgnored = !rule.startsWith('!');
    }
    return isIgnored;
  };
}
