import { parseArgs, type ParseArgsConfig } from 'node:util';

/**
 * The options of a command line. A wrong one ends the process with one sentence, the usage and 2.
 * @param usage shown behind the sentence
 */
export function readOptions<T extends ParseArgsConfig>(
  config: T,
  usage: string,
): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (!code.startsWith('ERR_PARSE_ARGS_')) throw error;
    process.stderr.write(`${message}\n\n${usage}`);
    process.exit(2);
  }
}
