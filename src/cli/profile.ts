import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject } from '../actions/json.js';
import { locateUserConfig } from '../config/user-config.js';
import { UsageError } from './usage-error.js';

/** A gateway that the command line knows: the address of its REST door, and a key or a token. */
export interface Profile {
  readonly url: string;
  readonly token: string;
}

type Profiles = Readonly<Record<string, Profile>>;

/** The profile that is used where none is named. */
export const DEFAULT_PROFILE = 'default';

/** The file of the profiles. It holds keys, so that only its user may read it. */
export function locateProfiles(): string {
  return join(locateUserConfig(), 'profiles.json');
}

/** @throws UsageError for a profile that was named and is not there, and for a file that cannot be read */
export async function readProfile(name: string | undefined): Promise<Profile | undefined> {
  const profiles = await readProfiles();
  const profile = Object.hasOwn(profiles, name ?? DEFAULT_PROFILE)
    ? profiles[name ?? DEFAULT_PROFILE]
    : undefined;
  if (!profile && name !== undefined) {
    const known = Object.keys(profiles).join(', ') || 'none';
    throw new UsageError(
      `There is no profile "${name}" in ${locateProfiles()} (there: ${known}): make it with "action-gateway login URL --profile ${name}"`,
    );
  }
  return profile;
}

/** Adds or replaces a profile. The file is readable by its user alone. */
export async function writeProfile(name: string, profile: Profile): Promise<void> {
  const profiles = { ...(await readProfiles()), [name]: profile };
  const file = locateProfiles();
  await mkdir(locateUserConfig(), { recursive: true, mode: 0o700 });
  // A file of its own, so that an older one with other rights does not keep them.
  const fresh = `${file}.${process.pid}`;
  await writeFile(fresh, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 });
  await rename(fresh, file);
}

async function readProfiles(): Promise<Profiles> {
  const file = locateProfiles();
  try {
    const profiles: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (isObject(profiles)) return profiles as unknown as Profiles;
    throw new Error('it holds no object');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    throw new UsageError(`The profiles in ${file} cannot be read: ${message}`);
  }
}
