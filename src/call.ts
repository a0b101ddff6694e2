import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type ChannelCredentials,
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { JwtService } from '@nestjs/jwt';
import { loadConfig, readEnvFile } from './config/config.js';
import { LOADER_OPTIONS, PROTO_DIR, PROTO_FILE } from './gateway/grpc/contract.js';
import { decodeStruct, encodeStruct, type ProtoStruct } from './gateway/grpc/struct.js';
import { DEMO_CHANNEL } from './sandbox/youtube/seed.js';

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
  --token TOKEN    default: GATEWAY_TOKEN, or one signed with this checkout's own key
`;

/** Who acts in the sandbox when nobody is named. */
const SANDBOX_ACCOUNTS: ReadonlyMap<string, string> = new Map([
  ['twitch', '1001'],
  ['youtube', DEMO_CHANNEL],
]);

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

const { values, positionals } = parseArgs({
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
});
const [platform, action_type, parameters = '{}'] = positionals;
if (values.help || platform === undefined || action_type === undefined) {
  process.stdout.write(USAGE);
  process.exit(values.help ? 0 : 2);
}

readEnvFile();
const config = loadConfig();
const token =
  values.token ??
  config.callerToken ??
  new JwtService({}).sign(
    { permissions: ['execute_actions'] },
    { secret: config.signingKeys[0], algorithm: 'HS256', subject: 'command-line', expiresIn: 60 },
  );
const metadata = new Metadata();
metadata.set('authorization', `Bearer ${token}`);

const definition = loadPackageDefinition(loadSync(join(PROTO_DIR, PROTO_FILE), LOADER_OPTIONS));
const contract = (definition['action_gateway'] as GrpcObject)['v1'] as unknown as {
  ActionGateway: new (address: string, credentials: unknown) => Client;
};
const client = new contract.ActionGateway(
  values.address ?? `localhost:${config.GRPC_PORT}`,
  chooseCredentials(),
);
const request = {
  platform,
  action_type,
  account_id: values.account ?? (config.sandbox ? SANDBOX_ACCOUNTS.get(platform) : undefined) ?? '',
  actor_id: values.actor,
  idempotency_key: values.key,
  dry_run: values['dry-run'],
  parameters: encodeStruct(readParameters(parameters)),
};
client.ExecuteAction(request, metadata, { deadline: Date.now() + 30_000 }, (error, answer) => {
  client.close();
  if (error) {
    process.stderr.write(`${error.message}\n`);
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

function chooseCredentials(): ChannelCredentials {
  const { ca, cert, 'key-file': key } = values;
  const isSecure = values.tls ?? (ca !== undefined || config.tls.grpc !== undefined);
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
