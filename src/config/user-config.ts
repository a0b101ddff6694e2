import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * The folder for what this user has configured for the command line.
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function locateUserConfig(env: NodeJS.ProcessEnv = process.env): string {
  const { XDG_CONFIG_HOME: given = '' } = env;
  // The specification has relative paths ignored.
  return join(isAbsolute(given) ? given : join(homedir(), '.config'), 'action-gateway');
}
