import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { listFields, parseFields } from '../actions/fields.js';
import type { BotSettings, GoogleSettings, PlatformSettings } from '../actions/platform.js';
import { Settings } from './settings.js';
import { VERSION } from './version.js';

/** A key of the vault: 32 bytes under a name that each encrypted value carries. */
export interface EncryptionKey {
  readonly id: string;
  readonly key: Buffer;
}

/** The whole configuration, validated, completed and frozen. */
export interface Config extends Readonly<Settings> {
  readonly production: boolean;
  readonly sandbox: boolean;
  readonly dataDir: string;
  /** The first signs, all verify. */
  readonly signingKeys: readonly string[];
  /** The first encrypts, all decrypt. */
  readonly encryptionKeys: readonly EncryptionKey[];
  /** Sign callbacks, each of them; none in production without the setting. */
  readonly callbackSecrets: readonly string[];
  readonly twitch: PlatformSettings;
  readonly discord: BotSettings;
  readonly youtube: GoogleSettings;
  /** Folders in which the programs of this machine are, as PATH has them. */
  readonly programFolders: readonly string[];
  /** A token for the command line, from GATEWAY_TOKEN. */
  readonly callerToken?: string;
  /** Every secret that was given or made, for whoever must not show them. */
  readonly secrets: readonly string[];
  /** `ENABLE_…` variables by name; what they switch is known to the catalogue. */
  readonly switches: ReadonlyMap<string, boolean>;
}

/** Stands where a platform asks for an address and nobody gave one: it leads nowhere. */
const NO_HOMEPAGE = 'https://action-gateway.invalid';

/** What begins like a switch and is a setting of its own. */
const SETTING_NAMES = new Set(listFields(Settings).map(({ name }) => name));

/** Injection token of the configuration. */
export const CONFIG = Symbol('CONFIG');

/** A configuration that cannot work. The message lists every fault and is all a person needs to see. */
export class ConfigError extends Error {
  constructor(faults: readonly string[]) {
    super(`The configuration cannot work:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** Takes a `.env` file of the working directory into the environment, where there is one. */
export function readEnvFile(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

/** Reads the environment; the only place that does. @throws ConfigError naming every wrong variable. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const names = listFields(Settings).map((field) => field.name);
  const given = Object.fromEntries(
    names.flatMap((name) =>
      env[name] === undefined || env[name] === '' ? [] : [[name, env[name]]],
    ),
  );
  const parsed = parseFields(Settings, given);
  if (!parsed.ok) throw new ConfigError(parsed.violations.map((v) => `${v.field} ${v.message}`));
  const settings = parsed.value;

  const faults: string[] = [];
  const production = settings.NODE_ENV === 'production';
  const usesTwitch = Boolean(settings.TWITCH_CLIENT_ID ?? settings.TWITCH_CLIENT_SECRET);
  const usesYouTube = Boolean(settings.YOUTUBE_CLIENT_ID ?? settings.YOUTUBE_CLIENT_SECRET);
  const credentialsGiven = usesTwitch || usesYouTube || settings.DISCORD_BOT_TOKEN !== undefined;
  const sandbox = settings.SANDBOX ?? (!settings.DATABASE_URL && !credentialsGiven && !production);
  const dataDir = resolve(settings.DATA_DIR);

  if (production && !settings.DATABASE_URL && !settings.EMBEDDED_DATABASE) {
    faults.push(
      'DATABASE_URL is missing: in production set it, or EMBEDDED_DATABASE=true to mean it',
    );
  }
  if (!sandbox && !credentialsGiven) {
    faults.push(
      'No platform has credentials: set TWITCH_CLIENT_ID and TWITCH_CLIENT_SECRET, or YOUTUBE_CLIENT_ID and YOUTUBE_CLIENT_SECRET, or DISCORD_BOT_TOKEN, or SANDBOX=true',
    );
  }
  if (!sandbox && usesTwitch) {
    for (const name of ['TWITCH_CLIENT_ID', 'TWITCH_CLIENT_SECRET'] as const) {
      if (!settings[name])
        faults.push(`${name} is missing: register an application with Twitch, or set SANDBOX=true`);
    }
  }
  if (!sandbox && usesYouTube) {
    for (const name of ['YOUTUBE_CLIENT_ID', 'YOUTUBE_CLIENT_SECRET'] as const) {
      if (!settings[name])
        faults.push(`${name} is missing: register an application with Google, or set SANDBOX=true`);
    }
  }
  if (!sandbox && (settings.DISCORD_CLIENT_ID ?? settings.DISCORD_CLIENT_SECRET)) {
    for (const name of ['DISCORD_CLIENT_ID', 'DISCORD_CLIENT_SECRET'] as const) {
      if (!settings[name])
        faults.push(`${name} is missing: set both for the application of the bot, or neither`);
    }
  }
  if (production && settings.MEDIA_ALLOW_LOOPBACK) {
    faults.push('MEDIA_ALLOW_LOOPBACK is for tests alone: leave it out in production');
  }
  const signingKeys = readSigningKeys(settings, sandbox, dataDir, faults);
  const encryptionKeys = readEncryptionKeys(settings, production, dataDir, faults);
  const callbackSecrets = readCallbackSecrets(settings, production, dataDir, faults);
  const switches = readSwitches(env, faults);
  if (faults.length > 0) throw new ConfigError(faults);

  return Object.freeze({
    ...settings,
    production,
    sandbox,
    dataDir,
    signingKeys,
    encryptionKeys,
    callbackSecrets,
    secrets: [
      ...listGivenSecrets(settings),
      ...signingKeys,
      ...callbackSecrets,
      ...encryptionKeys.map(({ key }) => key.toString('base64')),
    ],
    switches,
    programFolders: (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
    callerToken: settings.GATEWAY_TOKEN,
    twitch: Object.freeze({
      apiUrl: settings.TWITCH_API_URL,
      authUrl: settings.TWITCH_AUTH_URL,
      clientId: settings.TWITCH_CLIENT_ID ?? '',
      clientSecret: settings.TWITCH_CLIENT_SECRET ?? '',
    }),
    youtube: Object.freeze({
      apiUrl: settings.YOUTUBE_API_URL,
      authUrl: settings.GOOGLE_AUTH_URL,
      tokenUrl: settings.GOOGLE_TOKEN_URL,
      clientId: settings.YOUTUBE_CLIENT_ID ?? '',
      clientSecret: settings.YOUTUBE_CLIENT_SECRET ?? '',
      quota: Object.freeze({
        daily: settings.YOUTUBE_API_QUOTA_DAILY_LIMIT,
        reserve: settings.YOUTUBE_QUOTA_RESERVE,
        perAccount: settings.YOUTUBE_ACCOUNT_DAILY_LIMIT,
      }),
    }),
    discord: Object.freeze({
      apiUrl:
        settings.DISCORD_API_URL ?? `https://discord.com/api/v${settings.DISCORD_API_VERSION}`,
      authUrl: settings.DISCORD_AUTH_URL,
      clientId: settings.DISCORD_CLIENT_ID ?? '',
      clientSecret: settings.DISCORD_CLIENT_SECRET ?? '',
      botToken: settings.DISCORD_BOT_TOKEN ?? '',
      mostNoes: settings.DISCORD_INVALID_REQUESTS,
      version: VERSION,
      homepage: settings.PUBLIC_URL ?? NO_HOMEPAGE,
    }),
  });
}

/** The values of private settings, each of a list by itself, and the password of the database. */
function listGivenSecrets(settings: Settings): string[] {
  const names = listFields(Settings).flatMap((field) => (field.private ? [field.name] : []));
  const given = names.flatMap((name) => settings[name as keyof Settings] ?? []);
  const { DATABASE_URL: url = '' } = settings;
  const password = URL.canParse(url) ? new URL(url).password : '';
  return [...given.flatMap((value) => String(value).split(',')), password].map((value) =>
    value.trim(),
  );
}

/** Where browsers reach the REST door, without a slash at the end. */
export function readPublicUrl({
  PUBLIC_URL,
  REST_PORT,
}: Pick<Config, 'PUBLIC_URL' | 'REST_PORT'>): string {
  return (PUBLIC_URL ?? `http://localhost:${REST_PORT}`).replace(/\/+$/, '');
}

const SHORTEST_SIGNING_KEY = 64;

function readSigningKeys(
  settings: Settings,
  sandbox: boolean,
  dataDir: string,
  faults: string[],
): readonly string[] {
  if (settings.MODULE_SECRET_KEY === undefined) {
    if (sandbox)
      return [keepSecret(dataDir, 'module-secret-key', () => randomBytes(48).toString('hex'))];
    faults.push('MODULE_SECRET_KEY is missing: make one with `openssl rand -hex 48`');
    return [];
  }
  const keys = settings.MODULE_SECRET_KEY.split(',').map((key) => key.trim());
  for (const [index, key] of keys.entries()) {
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
  dataDir: string,
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
    text = keepSecret(
      dataDir,
      'token-encryption-keys',
      () => `k1:${randomBytes(32).toString('base64')}`,
    );
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
  dataDir: string,
  faults: string[],
): readonly string[] {
  if (text === undefined) {
    if (production) return [];
    return [
      keepSecret(dataDir, 'callback-secret', () => `whsec_${randomBytes(32).toString('base64')}`),
    ];
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

function readSwitches(env: NodeJS.ProcessEnv, faults: string[]): ReadonlyMap<string, boolean> {
  const switches = new Map<string, boolean>();
  for (const [name, value] of Object.entries(env)) {
    const isSwitch = name.startsWith('ENABLE_') && !SETTING_NAMES.has(name);
    if (!isSwitch || value === undefined || value === '') continue;
    const text = value.toLowerCase();
    if (text === 'true' || text === 'false') switches.set(name, text === 'true');
    else faults.push(`${name} must be true or false, not "${value}"`);
  }
  return switches;
}

/** A secret made at the first start and read at later ones; only its owner may read the file. */
function keepSecret(dataDir: string, name: string, make: () => string): string {
  const file = resolve(dataDir, name);
  // Not named after the process: in containers on one volume every process is number 1.
  const draft = `${file}.${randomBytes(6).toString('hex')}.draft`;
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(draft, `${make()}\n`, { mode: 0o600 });
  try {
    // A link is made whole or not at all: two first starts at once agree on one secret.
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, 'utf8').trim();
}
