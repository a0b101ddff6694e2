import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino, { type DestinationStream, type Logger } from 'pino';
import type { Config } from '../config/config.js';
import { writeAtLevel } from '../vendor/pino.js';
import { hideFromLogs, hideNamed, redactLine } from './hidden-values.js';
import { writeReadyLinesTo } from './ready-lines.js';
import { SyslogWriter } from './syslog.js';

const LAST_WORDS_MS = 2_000;
/** Characters that are worth a write, and after how long fewer are. */
const WRITTEN_AT_A_TIME = 12 * 1_024;
/** The most that the stream can be told to keep until it is told to write. */
const MOST_HELD_BACK = 16 * 1_024 - 1;
const WRITTEN_WITHIN_MS = 50;

/** How lines look on a terminal: each is one, with its members behind the message. */
export const TERMINAL = {
  ignore: 'pid,hostname,context,area',
  translateTime: 'HH:MM:ss',
  messageFormat: '{if context}[{context}] {end}{msg}',
  singleLine: true,
};

/** The log of the process, and how it is ended with nothing left behind. */
export interface Logs {
  readonly logger: Logger;
  close(): Promise<void>;
}

/** A stream of pino that writes to a file descriptor. */
type FileStream = ReturnType<typeof pino.destination>;

interface Outlet {
  readonly stream: DestinationStream;
  close(): Promise<void>;
}

/**
 * Opens the log: JSON lines on the output, or readable ones on a terminal; rotated files and syslog where
 * they are configured. Secrets are taken out by the names of their fields, by their values and by their forms.
 */
export async function openLogs(config: Config, pretty: boolean): Promise<Logs> {
  hideFromLogs(config.secrets);
  const outlets: Outlet[] = [pretty ? await openTerminal() : openOutput()];
  if (config.LOG_DIR !== undefined) outlets.push(await openFiles(config, config.LOG_DIR));
  if (config.ENABLE_SYSLOG) outlets.push(openSyslog(config));
  const [only] = outlets;
  const streams = outlets.map(({ stream }) => ({ stream, level: 'trace' as const }));
  const destination = outlets.length === 1 && only ? only.stream : pino.multistream(streams);
  const logger = pino(
    {
      level: config.LOG_LEVEL,
      base: undefined,
      formatters: { log: hideNamed },
      serializers: { err: (error: Error) => hideNamed(pino.stdSerializers.err(error)) },
      hooks: { streamWrite: redactLine },
    },
    destination,
  );
  writeReadyLinesTo((level, line) => {
    if (level < logger.levelVal) return;
    writeAtLevel(destination, level, line);
  });
  return {
    logger,
    async close() {
      await Promise.all(outlets.map((outlet) => outlet.close()));
    },
  };

  function openSyslog(settings: Config): Outlet {
    const target = {
      host: settings.SYSLOG_HOST,
      port: settings.SYSLOG_PORT,
      protocol: settings.SYSLOG_PROTOCOL,
      facility: settings.SYSLOG_FACILITY,
    };
    const writer = new SyslogWriter(target, (trouble) => logger.warn(trouble));
    return { stream: writer, close: () => writer.close() };
  }
}

/** Written as fast as the reader takes it, many lines at a time, and never waited for. */
function openOutput(): Outlet {
  let gathered = '';
  const handOver = (): void => {
    // Its type knows texts alone, though this mode takes bytes alone.
    if (gathered !== '') stream.write(Buffer.from(gathered) as never);
    gathered = '';
  };
  // Before the stream's own listener, which writes what was handed over.
  process.once('exit', handOver);
  const stream = pino.destination({
    dest: 1,
    sync: false,
    // The stream would measure the text of every line, and again all that waits with it.
    contentMode: 'buffer',
    minLength: MOST_HELD_BACK,
  });
  const flush = (): void => {
    handOver();
    stream.flush();
  };
  const timer = setInterval(flush, WRITTEN_WITHIN_MS).unref();
  return {
    stream: {
      write(line) {
        gathered += line;
        if (gathered.length >= WRITTEN_AT_A_TIME) flush();
      },
    },
    close() {
      clearInterval(timer);
      process.off('exit', handOver);
      handOver();
      return end(stream);
    },
  };
}

async function openTerminal(): Promise<Outlet> {
  const { build } = await import('pino-pretty');
  const stream = build({ ...TERMINAL, sync: true });
  return { stream, close: async () => undefined };
}

async function openFiles(
  { LOG_FILE_SIZE, LOG_FILES }: Pick<Config, 'LOG_FILE_SIZE' | 'LOG_FILES'>,
  folder: string,
): Promise<Outlet> {
  // Loaded for those alone who keep files: it takes memory.
  const { default: openRollingFile } = await import('pino-roll');
  const stream = await openRollingFile({
    file: join(folder, 'gateway'),
    extension: '.log',
    size: `${LOG_FILE_SIZE}m`,
    frequency: 'daily',
    dateFormat: 'yyyy-MM-dd',
    mkdir: true,
    sync: false,
    // Counted beside the one in use, also those of earlier starts.
    limit: { count: LOG_FILES - 1, removeOtherLogFiles: true },
  });
  // A full disk must not end the process.
  stream.on('error', (error: Error) =>
    process.stderr.write(`log file in ${folder}: ${error.message}\n`),
  );
  return { stream, close: () => end(stream) };
}

/** Writes what is buffered; a stream that cannot must not hold up the end. */
async function end(stream: FileStream): Promise<void> {
  const closed = once(stream, 'close').catch(() => undefined);
  stream.end();
  await Promise.race([closed, sleep(LAST_WORDS_MS)]);
}
