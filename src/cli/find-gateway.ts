import { JwtService } from '@nestjs/jwt';
import type { Permission } from '../actions/caller.js';
import { loadSettings, readEnvFile } from '../config/config.js';
import { chooseLocalHost, readListenAddress } from '../config/listen-address.js';
import type { Settings } from '../config/settings.js';
import { describeStartFault } from '../start/describe-fault.js';
import { readRunningNote } from '../start/running-note.js';
import { readProfile } from './profile.js';
import { RestConnection } from './rest-connection.js';
import { UsageError } from './usage-error.js';

/** What of the options of a command names the gateway. */
export interface GatewayOptions {
  readonly url?: string;
  readonly token?: string;
  readonly profile?: string;
  /** Not the profile that is used where none is named. */
  readonly local?: boolean;
}

const TOKEN_SECONDS = 60;

/** @throws UsageError naming every wrong variable */
export function readSettings(): Settings {
  try {
    readEnvFile();
    return loadSettings();
  } catch (error) {
    throw new UsageError(describeStartFault(error));
  }
}

/**
 * The gateway that a command speaks to over REST, and its credential: what the options name, then GATEWAY_URL
 * and GATEWAY_TOKEN, then the profile.
 * @returns undefined where none of them names a gateway
 */
async function findNamed(
  options: GatewayOptions,
  settings: Settings,
): Promise<{ url: string; token?: string } | undefined> {
  const given = options.url ?? (options.profile === undefined ? settings.GATEWAY_URL : undefined);
  if (given !== undefined) return { url: given, token: options.token ?? settings.GATEWAY_TOKEN };
  if (options.local && options.profile === undefined) return undefined;
  const profile = await readProfile(options.profile);
  return profile && { url: profile.url, token: options.token ?? profile.token };
}

/** The gateway that options, environment or a profile name; undefined where none does. @throws UsageError */
export async function findRemote(
  options: GatewayOptions,
  settings: Settings,
): Promise<RestConnection | undefined> {
  const named = await findNamed(options, settings);
  if (!named) return undefined;
  const { url, token } = named;
  if (!/^https?:\/\/./.test(url))
    throw new UsageError(`The address "${url}" must begin with http:// or https://`);
  if (token === undefined)
    throw new UsageError(`There is no key for ${url}: give --token or GATEWAY_TOKEN`);
  return new RestConnection(url, token);
}

/**
 * The gateway that a command speaks to: the one that is named, or that of this machine.
 * @param permissions of the token that is signed for the gateway of this machine
 * @throws UsageError
 */
export async function findGateway(
  options: GatewayOptions,
  permissions: readonly Permission[],
): Promise<RestConnection> {
  const settings = readSettings();
  const remote = await findRemote(options, settings);
  if (remote) return remote;
  const host = chooseLocalHost(readListenAddress(settings.HOST ?? ''));
  const scheme = settings.REST_TLS_CERT === undefined ? 'http' : 'https';
  const url = `${scheme}://${host}:${settings.REST_PORT}`;
  const running = await readRunningNote(settings.GRPC_PORT);
  const token = options.token ?? settings.GATEWAY_TOKEN;
  return new RestConnection(url, token ?? signToken(settings, running?.key, permissions, url));
}

/**
 * A token of a minute, signed with MODULE_SECRET_KEY or the key that a running gateway has made for itself.
 * @throws UsageError where there is no key
 */
export function signToken(
  { MODULE_SECRET_KEY }: Pick<Settings, 'MODULE_SECRET_KEY'>,
  runningKey: string | undefined,
  permissions: readonly Permission[],
  address: string,
): string {
  const key = MODULE_SECRET_KEY?.split(',')[0]?.trim() ?? runningKey;
  if (key === undefined)
    throw new UsageError(
      `No gateway of this user with a key of its own runs at ${address}: start one with "npm start", give --token, GATEWAY_TOKEN or MODULE_SECRET_KEY, or make a profile with "action-gateway login URL"`,
    );
  return new JwtService({}).sign(
    { permissions: [...permissions] },
    { secret: key, algorithm: 'HS256', subject: 'command-line', expiresIn: TOKEN_SECONDS },
  );
}
