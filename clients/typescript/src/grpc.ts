import { fileURLToPath } from 'node:url';
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';
import type { ActionChange, WatchFilter } from './changes.js';
import type { ConnectionOptions } from './connection.js';
import { GatewayError } from './errors.js';
import {
  type BatchMessage,
  type EventMessage,
  readChange,
  readResponse,
  type ResponseMessage,
  writeRequest,
  writeWatch,
} from './grpc-messages.js';
import { fromWire } from './names.js';
import type {
  Answer,
  Attempt,
  FailedAttempt,
  GatewayCall,
  OpenTransport,
  StreamEvent,
  Transport,
} from './transport.js';

/** How the channel is made. */
export interface GrpcOptions {
  /** In place of those by the address: none for http, the certificates of the system for https. */
  readonly credentials?: ChannelCredentials;
  /** Options of the channel, as `@grpc/grpc-js` names them. */
  readonly channelOptions?: ChannelOptions;
}

const SERVICE = 'action_gateway.v1.ActionGateway';
const PROTO_FOLDER = fileURLToPath(new URL('../proto', import.meta.url));

/** HTTP statuses that the REST door answers with in place of these. */
const HTTP_STATUS: Readonly<Partial<Record<status, number>>> = {
  [status.INVALID_ARGUMENT]: 400,
  [status.OUT_OF_RANGE]: 400,
  [status.UNAUTHENTICATED]: 401,
  [status.PERMISSION_DENIED]: 403,
  [status.NOT_FOUND]: 404,
  [status.ALREADY_EXISTS]: 409,
  [status.ABORTED]: 409,
  [status.FAILED_PRECONDITION]: 412,
  [status.RESOURCE_EXHAUSTED]: 429,
  [status.INTERNAL]: 500,
  [status.UNIMPLEMENTED]: 501,
  [status.UNAVAILABLE]: 503,
  [status.DEADLINE_EXCEEDED]: 504,
};

/** Refusals by the door that may be over after a while. */
const PASSING = new Set([status.RESOURCE_EXHAUSTED, status.UNAVAILABLE, status.DEADLINE_EXCEEDED]);

/** What a broken connection, or a proxy that lost the gateway, ends a call with. */
const LOST = new Set([status.UNAVAILABLE, status.INTERNAL, status.CANCELLED, status.UNKNOWN]);

/** What grpc-js says of a call that never left this process. The status alone does not tell. */
const NEVER_SENT = /^(No connection established|Name resolution failed|Stream refused by server)/;

/**
 * The transport over gRPC: `new ActionGateway({ url: 'http://localhost:50051', token, transport: grpc() })`.
 * Needs the packages `@grpc/grpc-js` and `@grpc/proto-loader`.
 */
export function grpc(options: GrpcOptions = {}): OpenTransport {
  return (connection) => new GrpcTransport(connection, options);
}

class GrpcTransport implements Transport {
  readonly #client: Client;
  readonly #service: ServiceDefinition;

  constructor(
    private readonly connection: ConnectionOptions,
    options: GrpcOptions,
  ) {
    const { address, isSecure } = readAddress(connection.url);
    this.#client = new Client(
      address,
      options.credentials ?? (isSecure ? credentials.createSsl() : credentials.createInsecure()),
      // REST bounds no answer either; the gateway bounds what it answers.
      { 'grpc.max_receive_message_length': -1, ...options.channelOptions },
    );
    this.#service = loadSync('action_gateway/v1/action_gateway.proto', {
      includeDirs: [PROTO_FOLDER],
      keepCase: true,
      longs: Number,
      enums: String,
      defaults: true,
      oneofs: true,
      arrays: true,
    })[SERVICE] as ServiceDefinition;
  }

  async attempt({
    call,
    idempotencyKey,
    repeatable,
    signal,
    endsAt,
  }: Attempt): Promise<Answer | FailedAttempt> {
    const { method, message, read } = writeCall(call);
    const metadata = await this.#makeMetadata();
    if (idempotencyKey !== undefined) metadata.set('idempotency-key', idempotencyKey);
    try {
      return { body: read(await this.#call(method, message, metadata, signal, endsAt)) };
    } catch (cause) {
      return this.#judge(cause as ServiceError, idempotencyKey, repeatable, signal);
    }
  }

  async *changes(
    filter: WatchFilter,
    lastEventId: string,
    signal?: AbortSignal,
  ): AsyncIterableIterator<StreamEvent> {
    const { path, requestSerialize, responseDeserialize } = this.#find('WatchActions');
    const metadata = await this.#makeMetadata();
    signal?.throwIfAborted();
    const stream: ClientReadableStream<EventMessage> = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize as (bytes: Buffer) => EventMessage,
      writeWatch(filter, lastEventId),
      metadata,
    );
    const cancel = (): void => stream.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      for await (const event of stream as AsyncIterable<EventMessage>) yield readEvent(event);
    } catch (cause) {
      throw this.#readError(cause as ServiceError, undefined);
    } finally {
      signal?.removeEventListener('abort', cancel);
      stream.cancel();
    }
  }

  close(): void {
    this.#client.close();
  }

  #call(
    name: string,
    message: object,
    metadata: Metadata,
    signal: AbortSignal,
    deadline: number,
  ): Promise<unknown> {
    const { path, requestSerialize, responseDeserialize } = this.#find(name);
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        metadata,
        { deadline },
        (error, answer) => {
          signal.removeEventListener('abort', cancel);
          if (error) reject(error);
          else resolve(answer);
        },
      );
      const cancel = (): void => call.cancel();
      if (signal.aborted) cancel();
      else signal.addEventListener('abort', cancel, { once: true });
    });
  }

  #find(name: string): ServiceDefinition[string] {
    const method = this.#service[name];
    if (!method) throw new Error(`The contract in ${PROTO_FOLDER} has no ${name}`);
    return method;
  }

  #judge(
    cause: ServiceError,
    idempotencyKey: string | undefined,
    repeatable: boolean,
    signal: AbortSignal,
  ): FailedAttempt {
    const isLate = signal.aborted || cause.code === status.DEADLINE_EXCEEDED;
    const error =
      isLate && !isRefusal(cause)
        ? new GatewayError('The gateway did not answer in time', {
            nothingSent: false,
            idempotencyKey,
            cause,
          })
        : this.#readError(cause, idempotencyKey);
    const mayRepeat = isRefusal(cause)
      ? PASSING.has(cause.code)
      : LOST.has(cause.code) && (error.nothingSent || repeatable);
    return { error, mayRepeat: mayRepeat && !signal.aborted, afterMs: 0 };
  }

  #readError(cause: ServiceError, idempotencyKey: string | undefined): GatewayError {
    const { code, details = cause.message } = cause;
    if (isRefusal(cause))
      return new GatewayError(details, {
        status: HTTP_STATUS[code] ?? 500,
        nothingSent: true,
        idempotencyKey,
        cause,
      });
    if (!LOST.has(code))
      return new GatewayError(details, {
        status: HTTP_STATUS[code],
        nothingSent: false,
        idempotencyKey,
        cause,
      });
    const message = `The connection to the gateway at ${this.connection.url} failed: ${details}`;
    return new GatewayError(message, {
      nothingSent: NEVER_SENT.test(details),
      idempotencyKey,
      cause,
    });
  }

  async #makeMetadata(): Promise<Metadata> {
    const { token } = this.connection;
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${typeof token === 'function' ? await token() : token}`);
    return metadata;
  }
}

/** A refusal by the gateway before anything was sent, which its trailer tells. */
function isRefusal({ metadata }: ServiceError): boolean {
  return metadata?.get('nothing-sent')[0] === '1';
}

/** @throws Error for an address that leads to no gRPC door */
function readAddress(url: string): { readonly address: string; readonly isSecure: boolean } {
  const { protocol = '', hostname = '', port = '' } = URL.canParse(url) ? new URL(url) : {};
  const isSecure = protocol === 'https:';
  if ((!isSecure && protocol !== 'http:') || hostname === '')
    throw new Error(
      `url: ${JSON.stringify(url)} is no address of a gRPC door: write it like http://localhost:50051, or with https`,
    );
  return { address: `${hostname}:${port || (isSecure ? '443' : '80')}`, isSecure };
}

interface WrittenCall {
  readonly method: string;
  readonly message: object;
  /** The answer as the REST door writes it. */
  read(answer: unknown): object;
}

function readOne(answer: unknown): object {
  return readResponse(answer as ResponseMessage);
}

/** @throws Error for what only the REST door has */
function writeCall(call: GatewayCall): WrittenCall {
  switch (call.kind) {
    case 'execute':
      if (call.file)
        throw new Error(
          'upload: gRPC takes no files: give the address of the file as a parameter, or use a gateway without `transport`',
        );
      return { method: 'ExecuteAction', message: writeRequest(call.envelope), read: readOne };
    case 'batch':
      return {
        method: 'BatchExecute',
        message: { actions: call.envelopes.map(writeRequest) },
        read: (answer) => {
          const batch = answer as BatchMessage;
          return { ...batch, responses: batch.responses.map(readResponse) };
        },
      };
    case 'status':
      return { method: 'GetActionStatus', message: { action_id: call.actionId }, read: readOne };
    case 'cancel':
      return { method: 'CancelAction', message: { action_id: call.actionId }, read: readOne };
    case 'route':
      throw new Error(
        `${call.method} ${call.path} is a route of the REST door: use a gateway without \`transport\` for it`,
      );
  }
}

function readEvent({ id, kind, action }: EventMessage): StreamEvent {
  if (kind === 'ACTION' && action)
    return { kind: 'action', id, action: fromWire(readChange(action)) as ActionChange };
  if (kind === 'READY') return { kind: 'ready', id };
  return { kind: kind === 'RESET' ? 'reset' : 'position', id };
}
