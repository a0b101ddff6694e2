import { join } from 'node:path';
import {
  Client,
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const PROTO_DIR = join(import.meta.dirname, '../../proto');

type Answer = Record<string, unknown>;

/** An answer with what came beside it. */
export interface EarlierAnswer {
  readonly answer: Answer;
  readonly metadata: Readonly<Record<string, unknown>>;
}

type Method = (
  request: object,
  metadata: Metadata,
  options: { deadline?: number },
  done: (error: ServiceError | null, answer: Answer) => void,
) => { on(event: 'metadata', listener: (metadata: Metadata) => void): void; cancel(): void };

/** A client of an earlier service, made from its proto file and nothing else. */
export class EarlierGrpc {
  readonly #client: Client & Record<string, Method>;

  /** @param name such as `discord_action.DiscordAction`, whose file is named after its package */
  constructor(address: string, name: string, options: object = {}) {
    const [file = '', service = ''] = name.split('.');
    const definition = loadSync(`${file}.proto`, {
      includeDirs: [PROTO_DIR],
      keepCase: true,
      longs: Number,
      defaults: true,
    });
    const found = (loadPackageDefinition(definition)[file] as GrpcObject)[service];
    const Stub = found as unknown as ServiceClientConstructor;
    this.#client = new Stub(address, credentials.createInsecure(), options) as never;
  }

  /** Like the earlier callers, it names no deadline. Rejects with the name of a status that is not OK. */
  call(rpc: string, request: object, sent: Record<string, string> = {}): Promise<EarlierAnswer> {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(sent)) metadata.set(name, value);
    return new Promise((resolve, reject) => {
      let beside: Metadata | undefined;
      const made = this.#client[rpc]!(request, metadata, {}, (error, answer) => {
        if (error) reject(new Error(`${status[error.code]}: ${error.details}`));
        else resolve({ answer, metadata: beside?.getMap() ?? {} });
      });
      made.on('metadata', (received) => (beside = received));
    });
  }

  /** Sends a request and goes away before it is answered, as the router does when its time is over. */
  callAndLeave(
    rpc: string,
    request: object,
    leaves: Promise<unknown>,
    sent: Record<string, string>,
  ): Promise<void> {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(sent)) metadata.set(name, value);
    return new Promise((resolve) => {
      const made = this.#client[rpc]!(request, metadata, {}, () => resolve());
      void leaves.then(() => made.cancel());
    });
  }

  get channel(): ReturnType<Client['getChannel']> {
    return this.#client.getChannel();
  }

  close(): void {
    this.#client.close();
  }
}
