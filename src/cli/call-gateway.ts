import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ChannelCredentials,
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { chooseLocalHost, readListenAddress } from '../config/listen-address.js';
import type { Settings } from '../config/settings.js';
import { LOADER_OPTIONS, PROTO_DIR, PROTO_FILE } from '../doors/grpc/contract.js';
import { decodeStruct, encodeStruct, type ProtoStruct } from '../doors/grpc/struct.js';
import { PLATFORMS } from '../platforms/platforms.js';
import { readRunningNote } from '../start/running-note.js';
import { findRemote, type GatewayOptions, readSettings, signToken } from './find-gateway.js';
import { UsageError } from './usage-error.js';

/** The options of `call`, as they are given. */
export interface CallOptions extends GatewayOptions {
  readonly account?: string;
  readonly actor?: string;
  readonly key?: string;
  readonly dryRun?: boolean;
  readonly address?: string;
  readonly tls?: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly keyFile?: string;
}

/** An answer as it is shown. */
interface Shown {
  readonly success: boolean;
}

interface Client {
  ExecuteAction(
    request: object,
    metadata: Metadata,
    options: { deadline: number },
    done: (error: ServiceError | null, answer: Answer) => void,
  ): void;
  close(): void;
}

interface Answer {
  readonly success: boolean;
  readonly result_data: ProtoStruct;
  readonly prepared: { readonly body: ProtoStruct | null } | null;
}

const ANSWER_WITHIN_MS = 30_000;

/** The account of the sandbox that acts if none is named, by platform. */
const SANDBOX_ACCOUNTS: ReadonlyMap<string, string> = new Map(
  PLATFORMS.flatMap(({ name, sandbox }) =>
    sandbox?.exampleAccount === undefined ? [] : [[name, sandbox.exampleAccount]],
  ),
);

/**
 * Carries out one action: over REST at a gateway that the options, the environment or a profile name, otherwise
 * over gRPC at `address` or at the gateway of this machine.
 * @param parameters JSON
 * @throws UsageError for what the user has to correct, Error with a sentence where there is no answer
 */
export async function callGateway(
  platform: string,
  action_type: string,
  parameters: string,
  options: CallOptions,
): Promise<Shown> {
  const settings = readSettings();
  const envelope = {
    platform,
    action_type,
    account_id: options.account ?? '',
    actor_id: options.actor ?? '',
    idempotency_key: options.key ?? '',
    dry_run: options.dryRun ?? false,
  };
  const given = readParameters(parameters);
  const remote = options.address === undefined ? await findRemote(options, settings) : undefined;
  if (remote)
    return (await remote.request('POST', '/api/v1/actions/execute', {
      ...envelope,
      parameters: given,
    })) as Shown;
  return callOverGrpc(envelope, given, options, settings);
}

async function callOverGrpc(
  envelope: { readonly platform: string; readonly account_id: string },
  parameters: Record<string, unknown>,
  options: CallOptions,
  settings: Settings,
): Promise<Shown> {
  const host = chooseLocalHost(readListenAddress(settings.HOST ?? ''));
  const address = options.address ?? `${host}:${settings.GRPC_PORT}`;
  const isLocal =
    address.replace(/:\d+$/, '') === host || /^(localhost|127\.|\[::1\])/.test(address);
  const port = Number(/:(\d+)$/.exec(address)?.[1] ?? settings.GRPC_PORT);
  const running = isLocal ? await readRunningNote(port) : undefined;
  const token =
    options.token ??
    settings.GATEWAY_TOKEN ??
    signToken(settings, running?.key, ['execute_actions'], address);
  // A gateway that notes nothing of itself is one of the sandbox only where the settings say so.
  const isSandbox = running?.sandbox ?? settings.SANDBOX ?? false;
  const account = isSandbox ? SANDBOX_ACCOUNTS.get(envelope.platform) : undefined;
  const request = {
    ...envelope,
    account_id: envelope.account_id || (account ?? ''),
    parameters: encodeStruct(parameters),
  };
  const client = openClient(address, chooseCredentials(options, settings));
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  const deadline = Date.now() + ANSWER_WITHIN_MS;
  try {
    return await new Promise((resolve, reject) => {
      client.ExecuteAction(request, metadata, { deadline }, (error, answer) => {
        if (error) reject(describeError(error, address));
        else resolve(show(answer));
      });
    });
  } finally {
    client.close();
  }
}

function openClient(address: string, channel: ChannelCredentials): Client {
  const definition = loadPackageDefinition(loadSync(join(PROTO_DIR, PROTO_FILE), LOADER_OPTIONS));
  const contract = (definition['action_gateway'] as GrpcObject)['v1'] as unknown as {
    ActionGateway: new (address: string, credentials: unknown) => Client;
  };
  return new contract.ActionGateway(address, channel);
}

function show({ result_data, prepared, ...plain }: Answer): Shown {
  return Object.assign(plain, {
    result_data: decodeStruct(result_data),
    ...(prepared && { prepared: { ...prepared, body: decodeStruct(prepared.body) } }),
  });
}

function describeError({ code, message }: ServiceError, address: string): Error {
  if (code === status.UNAVAILABLE)
    return new Error(
      `No gateway answers at ${address}: start it with "npm start", or name another with --address (${message})`,
    );
  if (code === status.UNAUTHENTICATED)
    return new Error(
      `The gateway at ${address} does not take the token: give its own with --token or GATEWAY_TOKEN, or sign with its MODULE_SECRET_KEY (${message})`,
    );
  return new Error(message);
}

function chooseCredentials(
  { ca, cert, keyFile, tls }: CallOptions,
  { GRPC_TLS_CERT }: Settings,
): ChannelCredentials {
  const isSecure = tls ?? (ca !== undefined || GRPC_TLS_CERT !== undefined);
  if (!isSecure) return credentials.createInsecure();
  try {
    const [trusted, secret, shown] = [ca, keyFile, cert].map((file) =>
      file === undefined ? null : readFileSync(file),
    );
    return credentials.createSsl(trusted, secret, shown);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readParameters(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`The parameters are not JSON: ${(error as Error).message}`);
  }
}
