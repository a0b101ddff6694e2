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
import { JwtService } from '@nestjs/jwt';
import { loadSettings, readEnvFile } from '../config/config.js';
import { chooseLocalHost, readListenAddress } from '../config/listen-address.js';
import type { Settings } from '../config/settings.js';
import { LOADER_OPTIONS, PROTO_DIR, PROTO_FILE } from '../doors/grpc/contract.js';
import { decodeStruct, encodeStruct, type ProtoStruct } from '../doors/grpc/struct.js';
import { PLATFORMS } from '../platforms/platforms.js';
import { describeStartFault } from '../start/describe-fault.js';
import { readOptions } from '../start/read-options.js';
import { readRunningNote } from '../start/running-note.js';

const USAGE = `Sends one action over gRPC and prints the answer.

  npm run call -- <platform> <action_type> ['{"parameter":"value"}'] [options]

  --account ID     whose channel (in the sandbox by default the demo channel; on Discord the default bot)
  --actor ID       who acts in it
  --key KEY        idempotency key
  --dry-run        show what would be sent, and send nothing
  --address H:P    where the gRPC door is (default: localhost and GRPC_PORT)
  --tls            speak TLS, as by default where GRPC_TLS_CERT is set
  --ca FILE        authorities to trust (default: those of Node.js)
  --cert FILE      certificate to show, of which --key-file is the key
  --key-file FILE
  --token TOKEN    default: GATEWAY_TOKEN, or one signed with MODULE_SECRET_KEY, or with the key that the
                   gateway on this machine has made for itself
`;

/** The account of the sandbox that acts if none is named, by platform. */
const SANDBOX_ACCOUNTS: ReadonlyMap<string, string> = new Map(
  PLATFORMS.flatMap(({ name, sandbox }) =>
    sandbox?.exampleAccount === undefined ? [] : [[name, sandbox.exampleAccount]],
  ),
);

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

const { values, positionals } = readOptions(
  {
    allowPositionals: true,
    options: {
      account: { type: 'string' },
      actor: { type: 'string', default: '' },
      key: { type: 'string', default: '' },
      'dry-run': { type: 'boolean', default: false },
      address: { type: 'string' },
      tls: { type: 'boolean' },
      ca: { type: 'string' },
      cert: { type: 'string' },
      'key-file': { type: 'string' },
      token: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  },
  USAGE,
);
const [platform, action_type, parameters = '{}'] = positionals;
if (values.help || platform === undefined || action_type === undefined) {
  process.stdout.write(USAGE);
  process.exit(values.help ? 0 : 2);
}

const settings = readSettings();
const address = readAddress();
const running = isOfThisMachine(address) ? await readRunningNote(readPort(address)) : undefined;
const signingKey = settings.MODULE_SECRET_KEY?.split(',')[0]?.trim() ?? running?.key;
const token = values.token ?? settings.GATEWAY_TOKEN ?? signToken();
const metadata = new Metadata();
metadata.set('authorization', `Bearer ${token}`);

const definition = loadPackageDefinition(loadSync(join(PROTO_DIR, PROTO_FILE), LOADER_OPTIONS));
const contract = (definition['action_gateway'] as GrpcObject)['v1'] as unknown as {
  ActionGateway: new (address: string, credentials: unknown) => Client;
};
const client = new contract.ActionGateway(address, chooseCredentials());
const request = {
  platform,
  action_type,
  account_id: values.account ?? (isSandbox() ? SANDBOX_ACCOUNTS.get(platform) : undefined) ?? '',
  actor_id: values.actor,
  idempotency_key: values.key,
  dry_run: values['dry-run'],
  parameters: encodeStruct(readParameters(parameters)),
};
client.ExecuteAction(request, metadata, { deadline: Date.now() + 30_000 }, (error, answer) => {
  client.close();
  if (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
    return;
  }
  const { result_data, prepared, ...plain } = answer;
  const shown = {
    ...plain,
    result_data: decodeStruct(result_data),
    ...(prepared && { prepared: { ...prepared, body: decodeStruct(prepared.body) } }),
  };
  process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
  process.exitCode = answer.success ? 0 : 1;
});

function readSettings(): Settings {
  try {
    readEnvFile();
    return loadSettings();
  } catch (error) {
    process.stderr.write(`${describeStartFault(error)}\n`);
    process.exit(2);
  }
}

function readAddress(): string {
  const host = chooseLocalHost(readListenAddress(settings.HOST ?? ''));
  return values.address ?? `${host}:${settings.GRPC_PORT}`;
}

function isOfThisMachine(at: string): boolean {
  const host = at.replace(/:\d+$/, '');
  return host === readAddress().replace(/:\d+$/, '') || /^(localhost|127\.|\[::1\])/.test(host);
}

function readPort(at: string): number {
  return Number(/:(\d+)$/.exec(at)?.[1] ?? settings.GRPC_PORT);
}

/** A gateway that notes nothing of itself is one of the sandbox only where the settings say so. */
function isSandbox(): boolean {
  return running?.sandbox ?? settings.SANDBOX ?? false;
}

function signToken(): string {
  if (signingKey === undefined) {
    process.stderr.write(
      `No gateway of this user with a key of its own runs at ${address}: start one with "npm start", or give --token, GATEWAY_TOKEN or MODULE_SECRET_KEY\n`,
    );
    process.exit(2);
  }
  return new JwtService({}).sign(
    { permissions: ['execute_actions'] },
    { secret: signingKey, algorithm: 'HS256', subject: 'command-line', expiresIn: 60 },
  );
}

function describeError({ code, message }: ServiceError): string {
  if (code === status.UNAVAILABLE)
    return `No gateway answers at ${address}: start it with "npm start", or name another with --address (${message})`;
  if (code === status.UNAUTHENTICATED)
    return `The gateway at ${address} does not take the token: give its own with --token or GATEWAY_TOKEN, or sign with its MODULE_SECRET_KEY (${message})`;
  return message;
}

function chooseCredentials(): ChannelCredentials {
  const { ca, cert, 'key-file': key } = values;
  const isSecure = values.tls ?? (ca !== undefined || settings.GRPC_TLS_CERT !== undefined);
  if (!isSecure) return credentials.createInsecure();
  try {
    const [trusted, secret, shown] = [ca, key, cert].map((file) =>
      file === undefined ? null : readFileSync(file),
    );
    return credentials.createSsl(trusted, secret, shown);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}

function readParameters(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    process.stderr.write(`The parameters are not JSON: ${(error as Error).message}\n`);
    process.exit(2);
  }
}
