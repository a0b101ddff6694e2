import { join } from 'node:path';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';
import { makeToken } from './gateway.js';
import { encodeEnvelope, type GrpcRefusal } from './grpc-client.js';

const SERVICE = 'action_gateway.v1.ActionGateway';
const definition = loadSync('action_gateway/v1/action_gateway.proto', {
  includeDirs: [join(import.meta.dirname, '../../proto')],
  keepCase: true,
  longs: Number,
  enums: String,
  defaults: true,
})[SERVICE] as ServiceDefinition;

/** Sends bytes that no honest client would write. */
export class RawGrpc {
  readonly #client: Client;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure());
  }

  /** The decoded answer; rejects with a GrpcRefusal. */
  call(method: string, bytes: Buffer): Promise<Record<string, unknown>> {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${makeToken()}`);
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        `/${SERVICE}/${method}`,
        (request: Buffer) => request,
        (answer: Buffer) =>
          definition[method]?.responseDeserialize(answer) as Record<string, unknown>,
        bytes,
        metadata,
        { deadline: Date.now() + 30_000 },
        (error, answer) => (error ? reject(readRefusal(error)) : resolve(answer ?? {})),
      );
    });
  }

  close(): void {
    this.#client.close();
  }
}

/** A stream of actions that is written at once and read only when somebody wants to. */
export function openRawStream(address: string): {
  write(envelope: object): void;
  end(): void;
  /** Reads to the end, slowly; gives the request ids of the answers in their order. */
  readAll(): Promise<string[]>;
} {
  const client = new Client(address, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${makeToken()}`);
  const method = definition['StreamExecute'];
  if (!method) throw new Error('The contract has no StreamExecute');
  const stream = client.makeBidiStreamRequest(
    `/${SERVICE}/StreamExecute`,
    method.requestSerialize,
    method.responseDeserialize,
    metadata,
    { deadline: Date.now() + 60_000 },
  );
  // Without a reader the client asks for no more than its window holds.
  stream.pause();
  return {
    write: (envelope) => void stream.write(encodeEnvelope(envelope)),
    end: () => stream.end(),
    async readAll() {
      const ids: string[] = [];
      for await (const answer of stream) ids.push((answer as { request_id: string }).request_id);
      client.close();
      return ids;
    },
  };
}

function readRefusal({ code, details, metadata }: ServiceError): GrpcRefusal {
  const nothingSent = metadata?.get('nothing-sent')[0] === '1';
  return { code: status[code] ?? String(code), details, nothingSent };
}

/** A length-delimited field of a protobuf message: text, bytes or a message. */
export function encodeField(number: number, value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([encodeHead(number, bytes.length), bytes]);
}

/** google.protobuf.Struct with one member of text, whose name and text are given as bytes. */
export function encodeTextStruct(name: string | Uint8Array, text: string | Uint8Array): Buffer {
  return encodeField(
    1,
    Buffer.concat([encodeField(1, name), encodeField(2, encodeField(3, text))]),
  );
}

/** google.protobuf.Struct with one member: lists in lists, that many levels deep. */
export function encodeNestedStruct(name: string, levels: number): Buffer {
  const heads: Buffer[] = [];
  let size = 0;
  const wrap = (number: number): void => {
    const head = encodeHead(number, size);
    heads.push(head);
    size += head.length;
  };
  for (let level = 0; level < levels; level += 1) {
    // A Value whose list_value (6) holds one of its values (1), and so on.
    if (level > 0) wrap(1);
    wrap(6);
  }
  const value = Buffer.concat(heads.toReversed());
  return encodeField(1, Buffer.concat([encodeField(1, name), encodeField(2, value)]));
}

function encodeHead(number: number, length: number): Buffer {
  return Buffer.from([...encodeVarint((number << 3) | 2), ...encodeVarint(length)]);
}

function encodeVarint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}
