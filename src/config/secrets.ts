import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PUBLISHED_KEYS } from './earlier-variables.js';
import type { Settings } from './settings.js';
import { StartFault } from './start-fault.js';

/** A key of the vault: 32 bytes under a name that each encrypted value carries. */
export interface EncryptionKey {
  readonly id: string;
  readonly key: Buffer;
}

/** Gives a secret that is kept under a name, made where there is none yet. */
type KeepSecret = (name: string, make: () => string) => string;

/** The secrets of a gateway: given ones, and those it made for itself. */
interface Secrets {
  /** The first signs, all verify. */
  readonly signingKeys: readonly string[];
  /** The first encrypts, all decrypt. */
  readonly encryptionKeys: readonly EncryptionKey[];
  /** Sign callbacks, each of them; none in production without the setting. */
  readonly callbackSecrets: readonly string[];
}

interface SecretOptions {
  readonly dataDir: string;
  readonly production: boolean;
  readonly sandbox: boolean;
}

/**
 * Reads the secrets, and makes those that may be made. Missing and wrong ones are added to `faults`; with any
 * fault nothing is made, so that a start that fails leaves nothing behind.
 * @throws StartFault naming a file that cannot be used
 */
export function readSecrets(
  settings: Settings,
  { dataDir, production, sandbox }: SecretOptions,
  faults: string[],
): Secrets {
  const read = (keep: KeepSecret): Secrets => ({
    signingKeys: readSigningKeys(
      settings,
      { production, mayMake: sandbox && !production },
      keep,
      faults,
    ),
    encryptionKeys: readEncryptionKeys(settings, production, keep, faults),
    callbackSecrets: readCallbackSecrets(settings, production, keep, faults),
  });
  const checked = read((_name, make) => make());
  return faults.length > 0 ? checked : read((name, make) => keepSecret(dataDir, name, make));
}

const SHORTEST_SIGNING_KEY = 64;

function readSigningKeys(
  settings: Settings,
  { production, mayMake }: { readonly production: boolean; readonly mayMake: boolean },
  keep: KeepSecret,
  faults: string[],
): readonly string[] {
  if (settings.MODULE_SECRET_KEY === undefined) {
    if (mayMake) return [keep('module-secret-key', () => randomBytes(48).toString('hex'))];
    faults.push('MODULE_SECRET_KEY is missing: make one with `openssl rand -hex 48`');
    return [];
  }
  const keys = settings.MODULE_SECRET_KEY.split(',').map((key) => key.trim());
  for (const [index, key] of keys.entries()) {
    if (production && PUBLISHED_KEYS.has(key)) {
      faults.push(
        `MODULE_SECRET_KEY: key ${index + 1} is the published default of an earlier service, with which anybody can make tokens: make one with \`openssl rand -hex 48\``,
      );
      continue;
    }
    if (key.length >= SHORTEST_SIGNING_KEY) continue;
    faults.push(
      `MODULE_SECRET_KEY: key ${index + 1} has ${key.length} characters and needs ${SHORTEST_SIGNING_KEY} ` +
        'or more: make one with `openssl rand -hex 48`',
    );
  }
  return keys;
}

function readEncryptionKeys(
  settings: Settings,
  production: boolean,
  keep: KeepSecret,
  faults: string[],
): readonly EncryptionKey[] {
  let text = settings.TOKEN_ENCRYPTION_KEYS;
  if (text === undefined) {
    if (production) {
      faults.push(
        'TOKEN_ENCRYPTION_KEYS is missing: make one with `echo k1:$(openssl rand -base64 32)`',
      );
      return [];
    }
    text = keep('token-encryption-keys', () => `k1:${randomBytes(32).toString('base64')}`);
  }
  const keys = text.split(',').map((entry) => {
    const [id = '', encoded = ''] = entry.trim().split(':');
    return { id, key: Buffer.from(encoded, 'base64') };
  });
  for (const { id, key } of keys) {
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(id) || key.length !== 32) {
      faults.push(
        'TOKEN_ENCRYPTION_KEYS must be id:base64 of 32 bytes, such as k1:$(openssl rand -base64 32)',
      );
    }
  }
  if (new Set(keys.map(({ id }) => id)).size !== keys.length) {
    faults.push('TOKEN_ENCRYPTION_KEYS names one id twice: every key needs an id of its own');
  }
  return keys;
}

function readCallbackSecrets(
  { CALLBACK_SECRETS: text }: Settings,
  production: boolean,
  keep: KeepSecret,
  faults: string[],
): readonly string[] {
  if (text === undefined) {
    if (production) return [];
    return [keep('callback-secret', () => `whsec_${randomBytes(32).toString('base64')}`)];
  }
  const secrets = text.split(',').map((secret) => secret.trim());
  for (const secret of secrets) {
    const [, encoded = ''] = /^whsec_([A-Za-z0-9+/]+=*)$/.exec(secret) ?? [];
    const { length } = Buffer.from(encoded, 'base64');
    if (length >= 24 && length <= 64) continue;
    faults.push(
      'CALLBACK_SECRETS must be whsec_ and base64 of 24 to 64 bytes: make one with `echo whsec_$(openssl rand -base64 32)`',
    );
  }
  return secrets;
}

/**
 * A secret made at the first start and read at later ones; only its owner may read the file.
 * @throws StartFault naming the file that cannot be used
 */
function keepSecret(dataDir: string, name: string, make: () => string): string {
  const file = resolve(dataDir, name);
  const fresh = make();
  // Not named after the process: in containers on one volume every process is number 1.
  const draft = `${file}.${randomBytes(6).toString('hex')}.draft`;
  try {
    mkdirSync(dataDir, { recursive: true });
    if (!existsSync(file)) {
      writeFileSync(draft, `${fresh}\n`, { mode: 0o600 });
      linkOnce(draft, file);
    }
    const kept = readFileSync(file, 'utf8').trim();
    if (kept.length === fresh.length) return kept;
  } catch (error) {
    throw new StartFault(
      `DATA_DIR: the secret ${file} cannot be kept (${(error as Error).message}): let this user read and write there, or choose another folder`,
      { cause: error },
    );
  }
  throw new StartFault(
    `DATA_DIR: the secret in ${file} is damaged: put the file back as it was, or delete it to have a new one made, which what the old one has signed or encrypted does not fit`,
  );
}

/** Two first starts at once agree on one file: a link is made whole or not at all. */
function linkOnce(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
