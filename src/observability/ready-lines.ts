/** Levels as pino numbers them. */
const LEVELS = { info: 30, warn: 40 } as const;

/** Takes a line as it is. @param level as pino numbers it */
type LineWriter = (level: number, line: string) => void;

let write: LineWriter | undefined;

/** Where ready lines go from now on. The log is one for the process. */
export function writeReadyLinesTo(writer: LineWriter): void {
  write = writer;
}

/**
 * Writes a line of which there is one for every action, past all that other lines go through.
 * @param members of the line as JSON, each behind a comma; no secret is looked for in them
 */
export function writeReadyLine(level: keyof typeof LEVELS, members: string): void {
  write?.(LEVELS[level], `{"level":${LEVELS[level]},"time":${Date.now()}${members}}\n`);
}
