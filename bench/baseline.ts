import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import axios from 'axios';
import { Pool } from 'undici';
import { LOADER_OPTIONS, PACKAGE, PROTO_FILE, SERVICE } from '#gateway/doors/grpc/contract.js';

/**
 * What a team would write instead of a gateway, a process of its own: the same call of the same
 * contract, handed on to the platform and answered. No token is read, nothing is checked, counted or kept.
 *
 *     node baseline.js echo|undici|axios <url of the upstream>
 */
const [, , kind = '', upstream = ''] = process.argv;
/** As the gateway's own. */
const CONNECTIONS = 256;

interface Request {
  readonly account_id: string;
  readonly actor_id: string;
  readonly parameters: { fields: Record<string, { stringValue: string }> };
}

type Forward = (request: Request) => Promise<string>;

const FORWARDERS: Readonly<Record<string, () => Forward>> = {
  echo: () => async () => 'echoed',
  undici: () => {
    const pool = new Pool(upstream, { connections: CONNECTIONS });
    return async (request) => {
      const { body } = await pool.request({
        method: 'POST',
        path: '/helix/chat/messages',
        headers: headersOf(request),
        body: JSON.stringify(bodyOf(request)),
      });
      return idOf(await body.json());
    };
  },
  axios: () => async (request) => {
    const url = `${upstream}/helix/chat/messages`;
    const { data } = await axios.post<unknown>(url, bodyOf(request), {
      headers: headersOf(request),
    });
    return idOf(data);
  },
};

const forward = FORWARDERS[kind]?.();
if (!forward) throw new Error(`No baseline is called ${kind}`);

const loaded = loadPackageDefinition(loadSync(PROTO_FILE, LOADER_OPTIONS));
const { ActionGateway } = PACKAGE.split('.').reduce<Record<string, unknown>>(
  (level, name) => level[name] as Record<string, unknown>,
  loaded,
) as Record<string, { service: Parameters<Server['addService']>[0] }>;
if (!ActionGateway) throw new Error(`The contract has no service ${SERVICE}`);
let done = 0;
const server = new Server();
server.addService(ActionGateway.service, {
  ExecuteAction: async ({ request }: { request: Request }, callback: sendUnaryData<object>) => {
    let id: string;
    try {
      id = await forward(request);
    } catch (error) {
      return callback(error as Error);
    }
    done += 1;
    callback(null, {
      success: true,
      message: 'sent',
      status: 'SUCCEEDED',
      result_data: { fields: { message_id: { stringValue: id } } },
    });
  },
});
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${JSON.stringify({ port })}\n`);
});
process.on('message', () => process.send?.({ done }));
process.on('disconnect', () => process.exit(0));

function headersOf({ account_id }: Request): Record<string, string> {
  return {
    authorization: `Bearer token-${account_id}`,
    'client-id': 'bench',
    'content-type': 'application/json',
  };
}

function bodyOf({ account_id, actor_id, parameters }: Request): object {
  return {
    broadcaster_id: account_id,
    sender_id: actor_id || account_id,
    message: parameters.fields['message']?.stringValue,
  };
}

function idOf(body: unknown): string {
  return (body as { data: { message_id: string }[] }).data[0]?.message_id ?? '';
}
