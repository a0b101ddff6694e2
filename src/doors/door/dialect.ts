import type { FactoryProvider, ModuleMetadata, Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DoorRefusal } from '../../actions/door-refusal.js';
import type { JsonObject } from '../../actions/json.js';
import type { Outcome } from '../../actions/outcome.js';
import type { Call } from '../../callers/call.js';
import type { Caller } from '../../callers/caller.js';
import type { EnvelopeFormContract } from '../door/schema.js';

/** A gRPC service, and the .proto file that defines it, below the folder `proto`. */
export interface GrpcContract {
  readonly file: string;
  readonly package: string;
  readonly service: string;
}

/** What a dialect adds to the OpenAPI document, besides the routes of its controllers. */
export interface DialectContract {
  /** Groups of operations that answer in the form of this dialect, each with its description. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly securitySchemes?: JsonObject;
  readonly envelopes?: EnvelopeFormContract;
}

/**
 * Declares a dialect: a form of requests and answers other than our own, such as that of an earlier
 * service. A dialect is added by its line in the list of dialects in app.module.ts.
 */
export interface DialectDeclaration extends Pick<ModuleMetadata, 'imports' | 'providers'> {
  /** Declarations of routes and methods name the dialect by it. */
  readonly name: string;
  readonly grpc?: GrpcContract;
  /** The routes and methods that belong to the dialect alone. */
  readonly controllers: readonly Type[];
  readonly contract?: DialectContract;
  /** Makes the dialect of what Nest injects. */
  readonly make: Pick<FactoryProvider<Dialect>, 'inject' | 'useFactory'>;
}

/** What a request presents to authenticate its caller. */
export interface PresentedCredentials {
  /** The text of a header, or of a metadata entry; undefined for an absent or empty one. */
  read(name: string): string | undefined;
  /** IP address of the other end of the connection. */
  readonly peer: string;
  /** The message of a gRPC call; undefined until it has been read, and for REST. */
  readonly message?: unknown;
}

/** What of a REST request is known once its head has been read. */
export type RequestHead = Pick<FastifyRequest, 'headers' | 'raw'>;

/** Speaks a dialect. Every part is optional: a part that is missing is that of our own form. */
export interface Dialect {
  /** The name of the service whose place the gateway takes, for /health and the statistics. */
  readonly module?: string;
  /** Whether a request was addressed to that service, by its host name or port. */
  isAddressed?(head: RequestHead): boolean;
  /** Where the service was, and its version if one is configured, for /health and the statistics. */
  describePlace?(): ServicePlace;
  /** What the service added to its answer to /health. */
  describeHealth?(): JsonObject;
  /** The name by which the service's own tokens are known, for those that are made at its address. */
  readonly tokensOf?: string;

  /** Authenticates a caller by other credentials than tokens of ours. @throws DoorRefusal */
  authenticate?(presented: PresentedCredentials): Caller;
  /**
   * The dialect takes tokens inside of gRPC messages, and a message with one has at most this many bytes.
   * Without this, a call has to present its credential in its metadata.
   */
  readonly maxTokenMessageBytes?: number;

  /** Envelopes in the form of this dialect, on the routes of our own. */
  readonly envelopes?: EnvelopeForm;

  /** Answers a REST request that was refused, on a route that declares `refusesAs` this dialect. */
  refuseRest?(refusal: DoorRefusal, reply: FastifyReply): void;
  /** A refusal in the words of the dialect, on a route that refuses in our own form. */
  wordRefusal?(refusal: DoorRefusal): DoorRefusal;
  /**
   * The OK answer by which a method of its gRPC service refuses; undefined where it refuses by a status.
   * @param method its name in the .proto file
   */
  refuseRpc?(method: string, refusal: DoorRefusal): object | undefined;
}

/** Where an earlier service was. */
export interface ServicePlace {
  readonly version?: string;
  readonly grpc_port: number;
  readonly rest_port: number;
}

/** Envelopes in a form of their own, on the routes that carry out actions. */
export interface EnvelopeForm {
  /**
   * Whether a value has this form.
   * @param isExpected the request was addressed to the service of the dialect, or an envelope beside this
   *   one has the form: a value with a part missing is then one of this form
   */
  recognise(value: unknown, isExpected: boolean): boolean;
  /** Carries out one envelope. @returns the body of the answer, which has the status 200. @throws DoorRefusal */
  execute(
    envelope: unknown,
    call: Call,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<object>;
  /** The same envelope in our own form. @throws DoorRefusal */
  translate(envelope: unknown, call: Call): object;
  /** A call whose every envelope has this form. */
  open(call: Call): Call;
  /** The answer to one envelope of a batch. */
  answer(outcome: Outcome, envelope: unknown): object;
}
