import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { frame } from './clients.js';
import { findPercentiles, type PacedSample, type Sample, SETTLING_MS } from './load.js';

const run = promisify(execFile);

const PROGRAM = 'h2load';
/** Calls of each caller from which a first rate is taken. */
const PROBES = 4;
/** Calls of a process that may be under way when they begin at a steady rate, whoever has not ended. */
const WIDE = 250;
/** Seconds without an answer after which a connection is given up. */
const SILENCE = 30;
/** After which a process is ended, however much it has left to do. */
const LONGEST_MS = 300_000;

/** What a door asks for, beside its address and the body. */
const PROTOCOLS = {
  grpc: ['--header=content-type: application/grpc', '--header=te: trailers'],
  rest: ['--header=content-type: application/json', '--h1'],
} as const;

/** Calls that are all alike but for their process: h2load knows one body. */
export interface NativeCalls {
  readonly protocol: keyof typeof PROTOCOLS;
  readonly url: string;
  readonly token?: string;
  /** Messages of gRPC, or JSON: one for each process. */
  readonly bodies: readonly Buffer[];
  /** Calls that are under way side by side, of all processes together. */
  readonly callers: number;
  readonly actionsPerCall?: number;
  /**
   * How many actions were carried out so far, as the other side counts them: to h2load an answer that
   * says no is as good as any.
   */
  countDone(): Promise<number>;
}

/** The same calls, as often as is wished for. @throws Error when not all of them were carried out */
export interface NativeLine {
  /** Every caller makes one call after the other, for about so many milliseconds. */
  saturate(forMs: number): Promise<Sample>;
  /** Calls of gRPC begin at a steady rate, whoever is still under way; their time counts from when they begin. */
  pace(perSecond: number, forMs: number): Promise<PacedSample>;
}

/**
 * Load by h2load, which takes less of the machine than any client in Node.js, and so leaves more to what is
 * measured.
 * @see https://nghttp2.org/documentation/h2load.1.html
 */
export class NativeLoad {
  #files = 0;

  private constructor(
    /** The program and its version. */
    readonly name: string,
    private readonly folder: string,
  ) {}

  /** @returns nothing where h2load is not on the PATH */
  static async find(): Promise<NativeLoad | undefined> {
    try {
      const { stdout } = await run(PROGRAM, ['--version']);
      return new NativeLoad(stdout.trim(), await mkdtemp(join(tmpdir(), 'gateway-load-')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Calls are counted out before they are made, by the rate of those before, so that none is lost. */
  async prepare(calls: NativeCalls): Promise<NativeLine> {
    const { bodies, callers } = calls;
    const files = await Promise.all(bodies.map((body) => this.#write(calls, body)));
    const share = Math.ceil(callers / bodies.length);
    const sideBySide =
      calls.protocol === 'grpc'
        ? [`--max-concurrent-streams=${share}`]
        : // HTTP/1.1 has one call at a time on each connection.
          [`--clients=${share}`];
    const make = async (
      wanted: number,
      options: readonly string[],
      leftOutMs?: number,
    ): Promise<Made> => {
      // A client without a call is an error to h2load.
      const each = Math.max(share, Math.round(wanted / bodies.length));
      const asked = each * bodies.length;
      const all = [`--requests=${each}`, ...options];
      const before = await calls.countDone();
      const logs = await Promise.all(files.map((file) => load(calls, file, all)));
      const done = (await calls.countDone()) - before;
      const made = { ...readLogs(logs, leftOutMs), done };
      requireAll(
        { asked, answered: made.answered },
        { asked: asked * (calls.actionsPerCall ?? 1), done },
      );
      return made;
    };
    let callsPerMs: number | undefined;
    return {
      async saturate(forMs) {
        callsPerMs ??= rateOf(await make(callers * PROBES, sideBySide));
        const made = await make(callsPerMs * forMs, sideBySide);
        callsPerMs = rateOf(made);
        return summarize(made);
      },
      async pace(perSecond, forMs) {
        const rate = `--rps=${perSecond / bodies.length}`;
        const options = [`--max-concurrent-streams=${WIDE}`, rate];
        const made = await make((perSecond * forMs) / 1_000, options, SETTLING_MS);
        return { ...summarize(made), times: made.times };
      },
    };
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  async #write({ protocol }: NativeCalls, body: Buffer): Promise<Files> {
    const name = join(this.folder, String((this.#files += 1)));
    const files = { data: `${name}.body`, log: `${name}.log` };
    await writeFile(files.data, protocol === 'grpc' ? frame(body) : body);
    return files;
  }
}

/** What one process sends, and where it notes what became of it. */
interface Files {
  readonly data: string;
  readonly log: string;
}

/** What logs of h2load say, in milliseconds. */
export interface Answered {
  /** Calls that were answered, with whatever words. */
  readonly answered: number;
  /** How long so many take while all processes ask: they begin and end a little apart. */
  readonly ms: number;
  /** Of the calls that began after what is left out. */
  readonly times: readonly number[];
}

interface Made extends Answered {
  readonly done: number;
}

/** One process of h2load, to its end. @returns its log */
async function load(
  { url, protocol, token }: NativeCalls,
  { data, log }: Files,
  options: readonly string[],
): Promise<string> {
  // It would write on behind the lines of the time before.
  await rm(log, { force: true });
  const args = [
    ...PROTOCOLS[protocol],
    ...(token === undefined ? [] : [`--header=authorization: Bearer ${token}`]),
    `--data=${data}`,
    `--log-file=${log}`,
    `--connection-inactivity-timeout=${SILENCE}`,
    ...options,
    url,
  ];
  await run(PROGRAM, args, { timeout: LONGEST_MS });
  return readFile(log, 'utf8');
}

/** A call that was answered, in milliseconds. */
interface Call {
  readonly began: number;
  readonly ended: number;
  readonly took: number;
}

/** @returns the calls in the order of their answers */
function readLog(log: string): Call[] {
  return log.split('\n').flatMap((line) => {
    // When it began and how long it took are microseconds.
    const [began = 0, status, took = 0] = line.split('\t').map(Number);
    if (status !== 200) return [];
    return [{ began: began / 1_000, ended: (began + took) / 1_000, took: took / 1_000 }];
  });
}

/**
 * Reads the logs of processes that were started at the same time.
 * @param leftOutMs from the beginning of the first call, how long no times are kept
 */
export function readLogs(logs: readonly string[], leftOutMs = 0): Answered {
  const processes = logs.map(readLog);
  const calls = processes.flat();
  const firsts = processes.map((all) => all[0]?.ended ?? 0);
  const lasts = processes.map((all) => all.at(-1)?.ended ?? 0);
  const together = [Math.max(...firsts), Math.min(...lasts)] as const;
  // Of a few calls, the first process may have made its own before the last one begins.
  const [since, until] =
    together[0] < together[1] ? together : [Math.min(...firsts), Math.max(...lasts)];
  const meanwhile = calls.filter(({ ended }) => ended > since && ended <= until).length;
  const from = leftOutMs + calls.reduce((first, { began }) => Math.min(first, began), Infinity);
  return {
    answered: calls.length,
    ms: ((until - since) / meanwhile) * calls.length,
    times: calls.filter(({ began }) => began >= from).map(({ took }) => took),
  };
}

/**
 * A call counts when it was answered and the other side has carried it out.
 * @throws Error with the numbers when some were not
 */
export function requireAll(
  calls: { readonly asked: number; readonly answered: number },
  actions: { readonly asked: number; readonly done: number },
): void {
  if (calls.answered !== calls.asked)
    throw new Error(
      `Of ${calls.asked} calls of ${PROGRAM}, ${calls.answered} were answered with 200`,
    );
  if (actions.done !== actions.asked)
    throw new Error(
      `Of ${actions.asked} actions that ${PROGRAM} asked for, ${actions.done} were carried out; with "--generator node", the answers tell why`,
    );
}

function rateOf({ answered, ms }: Made): number {
  return answered / ms;
}

function summarize({ done, ms, times }: Made): Sample {
  return { actions: done, failures: 0, ms, ...findPercentiles(times) };
}
