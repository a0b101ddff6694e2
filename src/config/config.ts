import { existsSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import ipaddr from 'ipaddr.js';
import { type FieldClass, listFields, parseFields } from '../actions/fields.js';
import type { PlatformSettings } from '../actions/platform.js';
import type { PlatformDeclaration } from '../platforms/platform-declaration.js';
import { PLATFORMS } from '../platforms/platforms.js';
import { readOrigins } from './origins.js';
import { readEarlierVariables } from './earlier-variables.js';
import { type Places, readEntities } from './entities.js';
import { findOwnPlace, type OldPort, readOldPorts } from './old-ports.js';
import { type OpenIdSettings, readOpenIdSettings } from './openid.js';
import { chooseDataFolder } from './data-folder.js';
import { findDatabaseUrlFault, listPasswords } from './database-url.js';
import { chooseLocalHost, isHost, readListenAddress } from './listen-address.js';
import { type ProxySettings, readProxySettings } from './proxy.js';
import { type CredentialServiceSettings, readCredentialService } from './credential-service.js';
import { type EncryptionKey, readSecrets } from './secrets.js';
import { Settings } from './settings.js';
import { StartFault } from './start-fault.js';
import { readSwitches } from './switches.js';
import { readTrust, type TrustedCaller } from './trust.js';
import { findFolderFault } from './usable-folder.js';
import { VERSION } from './version.js';

/** The PEM files of a door that speaks TLS. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** With it, a client certificate is demanded. */
  readonly clientCa?: string;
}

/** A platform, and what its variables say. */
export interface ConfiguredPlatform {
  readonly declaration: PlatformDeclaration;
  readonly settings: PlatformSettings;
}

/** The whole configuration, validated, completed and frozen. */
export interface Config extends Readonly<Settings> {
  readonly production: boolean;
  readonly sandbox: boolean;
  /** Address both doors listen on, without brackets; '' for every address of this machine. */
  readonly HOST: string;
  /** Folder of the data of this mode, below dataRoot. */
  readonly dataDir: string;
  /** DATA_DIR, absolute. */
  readonly dataRoot: string;
  /** Whether dataDir is data of release 0.1.0 whose mode is only known to its database. */
  readonly isDataUndecided: boolean;
  /** For requests to the internet; undefined where they go directly, as all do in the sandbox. */
  readonly proxies?: ProxySettings;
  /** Of the doors that speak TLS. */
  readonly tls: { readonly grpc?: TlsFiles; readonly rest?: TlsFiles };
  /** Addresses and ranges whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** The first signs, all verify. */
  readonly signingKeys: readonly string[];
  /** The first encrypts, all decrypt. */
  readonly encryptionKeys: readonly EncryptionKey[];
  /** Sign callbacks, each of them; none in production without the setting. */
  readonly callbackSecrets: readonly string[];
  /** Undefined where every credential is our own. */
  readonly credentialService?: CredentialServiceSettings;
  /** Where people sign in to the console beside keys; undefined for keys alone. */
  readonly openId?: OpenIdSettings;
  /** Every platform with its settings. */
  readonly platforms: readonly ConfiguredPlatform[];
  /** Origin of the simulated platforms; set while SANDBOX is on and they are known. */
  readonly sandboxUrl?: string;
  /** Folders in which the programs of this machine are, as PATH has them. */
  readonly programFolders: readonly string[];
  /** Every secret that was given or made, for redaction. */
  readonly secrets: readonly string[];
  /** Who is let in at the doors of the earlier services without a token of ours. */
  readonly trusted: readonly TrustedCaller[];
  /** Origins of receivers of callbacks that are reached by an exception from the rules. */
  readonly callbackReceivers: readonly string[];
  /** Where people may be sent who have connected an account. */
  readonly connectReturnOrigins: readonly string[];
  /** What the entities of the earlier router and workflow stand for. */
  readonly entities: ReadonlyMap<string, Places>;
  /** Ports of the earlier services to listen on as well. */
  readonly oldPorts: readonly OldPort[];
  /** A sentence for each variable of an earlier service that has no effect. */
  readonly notes: readonly string[];
  /** `ENABLE_…` variables by name; what they switch is known to the catalogue. */
  readonly switches: ReadonlyMap<string, boolean>;
}

/** For a platform that asks for an address if none was given: it leads nowhere. */
const NO_HOMEPAGE = 'https://action-gateway.invalid';

/** Injection token of the configuration. */
export const CONFIG = Symbol('CONFIG');

/** A configuration that cannot work. The message lists every fault and is all a person needs to see. */
export class ConfigError extends StartFault {
  constructor(faults: readonly string[]) {
    super(`The configuration cannot work:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Takes a `.env` file of the working directory into the environment, where there is one.
 * @throws StartFault when it cannot be read
 */
export function readEnvFile(): void {
  if (!existsSync('.env')) return;
  try {
    process.loadEnvFile('.env');
  } catch (error) {
    throw new StartFault(
      `The file ${resolve('.env')} cannot be read (${(error as Error).message}): let this user read it, or take it away`,
      { cause: error },
    );
  }
}

/** The settings as they are given, each valid by itself. @throws ConfigError naming every wrong variable. */
export function loadSettings(
  env: NodeJS.ProcessEnv = process.env,
  platforms: readonly PlatformDeclaration[] = PLATFORMS,
): Settings {
  return readSettings(readEarlierVariables(env).env, platforms).settings;
}

/** The variables of the gateway and of each platform. @throws ConfigError naming every wrong one */
function readSettings(
  env: NodeJS.ProcessEnv,
  declarations: readonly PlatformDeclaration[],
): { settings: Settings; platforms: { declaration: PlatformDeclaration; variables: object }[] } {
  const faults: string[] = [];
  const settings = readVariables(Settings, env, faults);
  const platforms = declarations.map((declaration) => ({
    declaration,
    variables: readVariables(declaration.variables, env, faults),
  }));
  if (faults.length > 0) throw new ConfigError(faults);
  return { settings, platforms };
}

function readVariables<Variables extends object>(
  type: FieldClass<Variables>,
  env: NodeJS.ProcessEnv,
  faults: string[],
): Variables {
  const given = Object.fromEntries(
    listFields(type).flatMap(({ name }) => {
      const value = readVariable(env, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const parsed = parseFields(type, given);
  if (parsed.ok) return parsed.value;
  faults.push(...parsed.violations.map(({ field, message }) => `${field} ${message}`));
  return {} as Variables;
}

/** Variables that other programs read in small letters as well. */
const ALSO_SMALL = new Set(['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']);

/** An empty variable counts as not given. */
function readVariable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const small = ALSO_SMALL.has(name) ? env[name.toLowerCase()] : undefined;
  return env[name] || small || undefined;
}

/**
 * Reads the environment; the only place that does.
 * @param declarations the platforms; left out, all of this gateway
 * @throws ConfigError naming every wrong variable
 */
export function loadConfig(
  given: NodeJS.ProcessEnv = process.env,
  declarations: readonly PlatformDeclaration[] = PLATFORMS,
): Config {
  const { env, notes } = readEarlierVariables(given);
  const { settings, platforms } = readSettings(env, declarations);
  const faults: string[] = [];
  const production = settings.NODE_ENV === 'production';
  const credentialsGiven = platforms.some(({ declaration, variables }) =>
    declaration.credentials.some((name) => isGiven(variables, name)),
  );
  const sandbox = settings.SANDBOX ?? (!settings.DATABASE_URL && !credentialsGiven && !production);
  const dataRoot = resolve(settings.DATA_DIR);
  const data = chooseDataFolder(dataRoot, sandbox ? 'sandbox' : 'real');
  const HOST = readListenAddress(settings.HOST ?? '');

  if (HOST !== '' && !isHost(HOST))
    faults.push('HOST must be one address or name of this machine, such as 0.0.0.0 or ::1');
  if (settings.REST_PORT === settings.GRPC_PORT && settings.REST_PORT !== 0)
    faults.push(`REST_PORT and GRPC_PORT are both ${settings.REST_PORT}: give each door its own`);
  const urlFault = settings.DATABASE_URL && findDatabaseUrlFault(settings.DATABASE_URL);
  if (urlFault) faults.push(`DATABASE_URL ${urlFault}`);
  for (const name of ['DATA_DIR', 'LOG_DIR'] as const) {
    const folder = name === 'DATA_DIR' ? data.path : settings.LOG_DIR;
    // With a database elsewhere and every secret given, nothing is written to DATA_DIR.
    if (folder === undefined || (name === 'DATA_DIR' && !usesDataFolder(settings, production)))
      continue;
    const fault = findFolderFault(resolve(folder));
    if (fault !== undefined)
      faults.push(
        `${name} (${resolve(folder)}) cannot be used: ${fault}; let this user write there, or choose another folder`,
      );
  }

  if (production && !settings.DATABASE_URL && !settings.EMBEDDED_DATABASE) {
    faults.push(
      'DATABASE_URL is missing: in production set it, or EMBEDDED_DATABASE=true to mean it',
    );
  }
  if (!sandbox && !credentialsGiven) {
    const ways = declarations.map(({ credentials }) => credentials.join(' and '));
    faults.push(`No platform has credentials: set ${ways.join(', or ')}, or SANDBOX=true`);
  }
  if (!sandbox) faults.push(...platforms.flatMap(findPlatformFaults));
  const [grpcTls, restTls] = [
    readTlsFiles('GRPC', settings, faults),
    readTlsFiles('REST', settings, faults),
  ];
  const tls = { ...(grpcTls && { grpc: grpcTls }), ...(restTls && { rest: restTls }) };
  const trustedProxies = readProxies(settings, faults);
  if (production && settings.MEDIA_ALLOW_LOOPBACK) {
    faults.push('MEDIA_ALLOW_LOOPBACK is for tests alone: leave it out in production');
  }
  const credentialService = readCredentialService(settings, faults);
  const switches = readSwitches(env, faults);
  const trusted = readTrust(settings.PREDECESSOR_TRUST, faults);
  const callbackReceivers = readOrigins('CALLBACK_RECEIVERS', settings.CALLBACK_RECEIVERS, faults);
  const connectReturnOrigins = readOrigins(
    'CONNECT_RETURN_ORIGINS',
    settings.CONNECT_RETURN_ORIGINS,
    faults,
  );
  const named = readOldPorts(settings.PREDECESSOR_PORTS, faults);
  const oldPorts = named.length > 0 ? named : findOwnPlace(settings);
  const entities = readEntities(settings.PREDECESSOR_ENTITIES, declarations, faults);
  for (const { port, door } of oldPorts) {
    const other = door === 'rest' ? 'GRPC_PORT' : 'REST_PORT';
    if (port === settings[other])
      faults.push(`PREDECESSOR_PORTS names ${port} for its ${door} door, which is ${other}`);
  }
  const proxies = readProxySettings(settings, faults);
  const openId = readOpenIdSettings(settings, faults);
  const secrets = readSecrets(settings, { dataDir: data.path, production, sandbox }, faults);
  if (faults.length > 0) throw new ConfigError(faults);
  const { signingKeys, encryptionKeys, callbackSecrets } = secrets;

  return Object.freeze({
    ...settings,
    HOST,
    production,
    sandbox,
    dataDir: data.path,
    dataRoot,
    isDataUndecided: data.isUndecided,
    ...(proxies && !sandbox && { proxies }),
    tls,
    trustedProxies,
    signingKeys,
    encryptionKeys,
    callbackSecrets,
    secrets: [
      ...listGivenSecrets(settings),
      ...platforms.flatMap(({ declaration, variables }) =>
        listPrivate(declaration.variables, variables),
      ),
      ...signingKeys,
      ...callbackSecrets,
      ...encryptionKeys.map(({ key }) => key.toString('base64')),
      ...trusted.flatMap(({ serviceKeys, verifyKeys }) => [...serviceKeys, ...verifyKeys]),
    ],
    trusted: Object.freeze(trusted),
    oldPorts: Object.freeze(oldPorts),
    entities,
    callbackReceivers,
    connectReturnOrigins,
    switches,
    notes,
    ...(credentialService && { credentialService }),
    ...(openId && { openId }),
    programFolders: (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
    platforms: Object.freeze(
      platforms.map(({ declaration, variables }) => ({
        declaration,
        settings: Object.freeze(
          declaration.readSettings(variables, {
            version: VERSION,
            homepage: settings.PUBLIC_URL ?? NO_HOMEPAGE,
          }),
        ),
      })),
    ),
  });
}

/** Credentials of which some are given and not all, and faults that the platform itself finds. */
function findPlatformFaults({
  declaration,
  variables,
}: {
  readonly declaration: PlatformDeclaration;
  readonly variables: object;
}): string[] {
  const { credentials, howToGetCredentials } = declaration;
  const missing = credentials.filter((name) => !isGiven(variables, name));
  const isPartly = missing.length > 0 && missing.length < credentials.length;
  return [
    ...(isPartly
      ? missing.map((name) => `${name} is missing: ${howToGetCredentials}, or set SANDBOX=true`)
      : []),
    ...(declaration.findFaults?.(variables) ?? []),
  ];
}

function isGiven(variables: object, name: string): boolean {
  return (variables as Readonly<Record<string, unknown>>)[name] !== undefined;
}

/** The values of private settings, and the passwords of URLs. */
function listGivenSecrets(settings: Settings): string[] {
  const urls = [settings.DATABASE_URL, settings.HTTP_PROXY, settings.HTTPS_PROXY];
  const passwords = urls.flatMap((url) => listPasswords(url ?? ''));
  return [...listPrivate(Settings, settings), ...passwords.map((password) => password.trim())];
}

/** The values of private fields, each of a list by itself. */
function listPrivate(type: FieldClass, values: object): string[] {
  return listFields(type)
    .filter((field) => field.private && !MIXED.has(field.name))
    .flatMap(({ name }) => (values as Readonly<Record<string, unknown>>)[name] ?? [])
    .flatMap((value) => String(value).split(','))
    .map((value) => value.trim());
}

/** Their secrets are among names and networks that are none, and are listed by the code that reads them. */
const MIXED = new Set(['PREDECESSOR_TRUST']);

/** Whether anything is kept in DATA_DIR: a database, or secrets that are made up. */
function usesDataFolder(settings: Settings, production: boolean): boolean {
  const { DATABASE_URL, MODULE_SECRET_KEY, TOKEN_ENCRYPTION_KEYS, CALLBACK_SECRETS } = settings;
  const mayMake = [MODULE_SECRET_KEY, TOKEN_ENCRYPTION_KEYS, CALLBACK_SECRETS].includes(undefined);
  return DATABASE_URL === undefined || (!production && mayMake);
}

/** The settings that make up the address of the REST door. */
type PublicAddress = Pick<Settings, 'PUBLIC_URL' | 'HOST' | 'REST_PORT' | 'REST_TLS_CERT'>;

/** Where browsers reach the REST door, without a slash at the end. */
export function readPublicUrl({
  PUBLIC_URL,
  HOST,
  REST_PORT,
  REST_TLS_CERT,
}: PublicAddress): string {
  const scheme = REST_TLS_CERT === undefined ? 'http' : 'https';
  return (PUBLIC_URL ?? `${scheme}://${chooseLocalHost(HOST)}:${REST_PORT}`).replace(/\/+$/, '');
}

/** Whether browsers reach the REST door over TLS: its own, or that of what stands in front of it. */
export function isReachedOverTls(config: PublicAddress & Pick<Config, 'tls'>): boolean {
  return config.tls.rest !== undefined || /^https:/i.test(readPublicUrl(config));
}

/** The names of the files; their content is checked when the door opens. */
function readTlsFiles(
  door: 'GRPC' | 'REST',
  settings: Settings,
  faults: string[],
): TlsFiles | undefined {
  const cert = settings[`${door}_TLS_CERT`];
  const key = settings[`${door}_TLS_KEY`];
  const clientCa = settings[`${door}_TLS_CLIENT_CA`];
  if (cert !== undefined && key !== undefined)
    return { cert, key, ...(clientCa !== undefined && { clientCa }) };
  if (cert !== undefined)
    faults.push(`${door}_TLS_KEY is missing: it is the key of ${door}_TLS_CERT`);
  if (key !== undefined)
    faults.push(`${door}_TLS_CERT is missing: it is the certificate of ${door}_TLS_KEY`);
  if (clientCa !== undefined && cert === undefined && key === undefined) {
    faults.push(
      `${door}_TLS_CLIENT_CA needs TLS: set ${door}_TLS_CERT and ${door}_TLS_KEY as well, or leave it out`,
    );
  }
  return undefined;
}

function readProxies({ TRUSTED_PROXIES: text }: Settings, faults: string[]): readonly string[] {
  const proxies = (text ?? '').split(',').flatMap((proxy) => proxy.trim() || []);
  for (const proxy of proxies) {
    if (ipaddr.isValid(proxy) || ipaddr.isValidCIDR(proxy)) continue;
    faults.push(`TRUSTED_PROXIES: "${proxy}" is neither an address nor a range such as 10.0.0.0/8`);
  }
  return proxies;
}

/** Where a platform sends people back to who were asked. */
export function readRedirectUri(
  config: PublicAddress & Pick<Config, 'platforms'>,
  platform: string,
): string {
  const own = findPlatformSettings(config, platform)?.redirectUri;
  return own ?? `${readPublicUrl(config)}/oauth/${platform}/callback`;
}

/** The settings of a platform by its name. */
export function findPlatformSettings(
  { platforms }: Pick<Config, 'platforms'>,
  name: string,
): PlatformSettings | undefined {
  return platforms.find(({ declaration }) => declaration.name === name)?.settings;
}
