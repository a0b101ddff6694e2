import { join } from 'node:path';
import {
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { decodeStruct, encodeStruct, type ProtoStruct } from '../../src/doors/grpc/struct.js';
import { makeToken } from './gateway.js';

const PROTO_DIR = join(import.meta.dirname, '../../proto');

/** ActionResponse as a caller reads it, its structs as plain values. */
export interface GrpcOutcome {
  readonly success: boolean;
  readonly message: string;
  readonly action_id: string;
  readonly result_data: Record<string, unknown>;
  readonly error: string;
  readonly status: string;
  readonly failure: {
    readonly code: string;
    readonly retryable: boolean;
    readonly retry_after_ms: number;
    readonly platform_status: number;
    readonly platform_code: string;
    readonly violations: readonly { readonly field: string; readonly message: string }[];
  } | null;
  readonly replayed: boolean;
  readonly request_id: string;
  readonly prepared: {
    readonly method: string;
    readonly url: string;
    readonly body: Record<string, unknown>;
    readonly reads: readonly { readonly method: string; readonly url: string }[];
    readonly following: readonly { readonly method: string; readonly url: string }[];
    readonly missing_scopes: readonly string[];
    readonly cost: number;
    readonly predicted_wait_ms: number;
  } | null;
  readonly sandbox: boolean;
}

/** A status that is not OK, as a caller meets it. */
export interface GrpcRefusal {
  readonly code: string;
  readonly details: string;
  readonly nothingSent: boolean;
}

/** An event of `WatchActions`. */
export interface WatchedEvent {
  readonly id: string;
  readonly kind: string;
  readonly action: { readonly action_id: string; readonly status: string } | null;
}

interface CallOptions {
  token?: string | null;
  deadlineMs?: number;
  metadata?: Record<string, string>;
  signal?: AbortSignal;
}

type Unary = (
  request: object,
  metadata: Metadata,
  options: { deadline: number },
  done: (error: ServiceError | null, answer: unknown) => void,
) => { cancel(): void };

interface Stub {
  StreamExecute(
    metadata: Metadata,
    options: { deadline: number },
  ): ClientDuplexStream<object, unknown>;
  WatchActions(
    request: object,
    metadata: Metadata,
    options: { deadline: number },
  ): ClientReadableStream<WatchedEvent>;
  close(): void;
}

/** A client written from the .proto file alone. */
export class GrpcClient {
  readonly #client: Stub;

  constructor(
    address: string,
    channelOptions: object = {},
    channelCredentials = credentials.createInsecure(),
  ) {
    const definition = loadSync('action_gateway/v1/action_gateway.proto', {
      includeDirs: [PROTO_DIR],
      keepCase: true,
      longs: Number,
      enums: String,
      defaults: true,
      oneofs: true,
    });
    const loaded = (loadPackageDefinition(definition)['action_gateway'] as GrpcObject)[
      'v1'
    ] as GrpcObject;
    const Client = loaded['ActionGateway'] as unknown as new (...args: unknown[]) => Stub;
    this.#client = new Client(address, channelCredentials, channelOptions);
  }

  close(): void {
    this.#client.close();
  }

  async execute(envelope: object, options?: CallOptions): Promise<GrpcOutcome> {
    return readOutcome(await this.call('ExecuteAction', encodeEnvelope(envelope), options));
  }

  async batch(
    envelopes: readonly object[],
    options?: CallOptions,
  ): Promise<{
    responses: GrpcOutcome[];
    total_count: number;
    success_count: number;
    failure_count: number;
  }> {
    const answer = (await this.call(
      'BatchExecute',
      { actions: envelopes.map(encodeEnvelope) },
      options,
    )) as {
      responses: unknown[];
      total_count: number;
      success_count: number;
      failure_count: number;
    };
    return { ...answer, responses: answer.responses.map(readOutcome) };
  }

  async readStatus(actionId: string, options?: CallOptions): Promise<GrpcOutcome> {
    return readOutcome(await this.call('GetActionStatus', { action_id: actionId }, options));
  }

  /** Opens a stream; the answers arrive at `onOutcome`, the end resolves `ended`. */
  stream(
    onOutcome: (outcome: GrpcOutcome) => void,
    options: CallOptions = {},
  ): {
    send(envelope: object): void;
    finish(): void;
    cancel(): void;
    ended: Promise<GrpcRefusal | undefined>;
  } {
    const stream = this.#client.StreamExecute(makeMetadata(options), {
      deadline: Date.now() + (options.deadlineMs ?? 30_000),
    });
    stream.on('data', (answer) => onOutcome(readOutcome(answer)));
    const ended = new Promise<GrpcRefusal | undefined>((resolve) => {
      stream.on('error', (error: ServiceError) => resolve(readRefusal(error)));
      stream.on('end', () => resolve(undefined));
    });
    return {
      send: (envelope) => void stream.write(encodeEnvelope(envelope)),
      finish: () => stream.end(),
      cancel: () => stream.cancel(),
      ended,
    };
  }

  /** Watches changes; the events arrive at `onEvent`, the end resolves `ended`. */
  watch(
    request: object,
    onEvent: (event: WatchedEvent) => void,
    options: CallOptions = {},
  ): { cancel(): void; ended: Promise<GrpcRefusal | undefined> } {
    const stream = this.#client.WatchActions(request, makeMetadata(options), {
      deadline: Date.now() + (options.deadlineMs ?? 60_000),
    });
    stream.on('data', onEvent);
    const ended = new Promise<GrpcRefusal | undefined>((resolve) => {
      stream.on('error', (error: ServiceError) => resolve(readRefusal(error)));
      stream.on('end', () => resolve(undefined));
    });
    return { cancel: () => stream.cancel(), ended };
  }

  /** Any RPC, with the message as the .proto file has it. Rejects with a GrpcRefusal. */
  call(method: string, request: object, options: CallOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const rpc = (this.#client as unknown as Record<string, Unary>)[method] as Unary;
      const call = rpc.call(
        this.#client,
        request,
        makeMetadata(options),
        { deadline: Date.now() + (options.deadlineMs ?? 30_000) },
        (error, answer) => (error ? reject(readRefusal(error)) : resolve(answer)),
      );
      options.signal?.addEventListener('abort', () => call.cancel());
    });
  }
}

function makeMetadata({ token, metadata: extra }: CallOptions): Metadata {
  const metadata = new Metadata();
  if (token !== null) metadata.set('authorization', `Bearer ${token ?? makeToken()}`);
  for (const [name, value] of Object.entries(extra ?? {})) metadata.set(name, value);
  return metadata;
}

/** Plain parameters become a Struct; what is one already stays. */
export function encodeEnvelope(envelope: object): object {
  const { parameters, ...rest } = envelope as { parameters?: Record<string, unknown> };
  if (parameters === undefined || 'fields' in parameters) return envelope;
  return { ...rest, parameters: encodeStruct(parameters) };
}

function readOutcome(answer: unknown): GrpcOutcome {
  const { result_data, prepared, ...rest } = answer as GrpcOutcome & { result_data: ProtoStruct };
  return {
    ...rest,
    result_data: decodeStruct(result_data as ProtoStruct),
    prepared: prepared && { ...prepared, body: decodeStruct(prepared.body as ProtoStruct) },
  } as GrpcOutcome;
}

function readRefusal({ code, details, metadata }: ServiceError): GrpcRefusal {
  return {
    code: status[code] ?? String(code),
    details,
    nothingSent: metadata?.get('nothing-sent')[0] === '1',
  };
}
