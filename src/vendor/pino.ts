import type { DestinationStream } from 'pino';

/**
 * Writes a line that is JSON already, at its level. pino tells a destination the level of the next line by a
 * member, which `pino.multistream` and transports read; only its documentation of transports names it.
 * @param level as pino numbers it
 */
export function writeAtLevel(destination: DestinationStream, level: number, line: string): void {
  Object.assign(destination, { lastLevel: level });
  destination.write(line);
}
