import type {
  Metadata,
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
} from '@grpc/grpc-js';
import type { Type } from '@nestjs/common';
import type { Call } from '../../callers/call.js';
import type { Caller } from '../../callers/caller.js';
import type { AccessRules } from './access-rules.js';

/** A unary call as its handler gets it. */
export interface UnaryRequest<Message = unknown> {
  readonly message: Message;
  readonly call: Call;
  readonly caller: Caller;
  readonly metadata: Metadata;
  readonly unary: ServerUnaryCall<unknown, unknown>;
}

/** A bidirectional stream as its handler gets it. */
export interface StreamRequest<Incoming = unknown> {
  readonly stream: ServerDuplexStream<Incoming, object>;
  readonly call: Call;
}

/** A call with a stream of answers, as its handler gets it. */
export interface WatchRequest<Message = unknown> {
  readonly stream: ServerWritableStream<Message, object>;
  readonly call: Call;
}

/** Everything about one method of a gRPC service that its .proto file does not say. */
interface RpcDeclaration extends AccessRules {
  /** With its package, such as `action_gateway.v1.ActionGateway`. */
  readonly service: string;
  readonly method: string;
}

/** A declaration, and the handler below it. */
export interface Rpc extends RpcDeclaration {
  readonly type: Type;
  readonly handler: string;
}

const declared = new WeakMap<object, Map<string, Rpc>>();

/** Declares the handler of a unary call. It returns the answer. */
export function Unary(declaration: RpcDeclaration) {
  return <Handle extends (request: UnaryRequest<never>) => object | Promise<object>>(
    prototype: object,
    name: string,
    _descriptor: TypedPropertyDescriptor<Handle>,
  ): void => declare(declaration, prototype, name);
}

/** Declares the handler of a bidirectional stream. It ends the stream itself, and must never reject. */
export function Stream(declaration: RpcDeclaration) {
  return <Handle extends (request: StreamRequest<never>) => Promise<void>>(
    prototype: object,
    name: string,
    _descriptor: TypedPropertyDescriptor<Handle>,
  ): void => declare(declaration, prototype, name);
}

/** Declares the handler of a call with a stream of answers. It ends the stream itself. */
export function Watch(declaration: RpcDeclaration) {
  return <Handle extends (request: WatchRequest<never>) => Promise<void>>(
    prototype: object,
    name: string,
    _descriptor: TypedPropertyDescriptor<Handle>,
  ): void => declare(declaration, prototype, name);
}

function declare(declaration: RpcDeclaration, prototype: object, name: string): void {
  const rpcs = declared.get(prototype) ?? new Map<string, Rpc>();
  const type = prototype.constructor as Type;
  declared.set(prototype, rpcs.set(name, { ...declaration, type, handler: name }));
}

/** The methods that controllers declare. */
export function listRpcs(controllers: readonly Type[]): readonly Rpc[] {
  return controllers.flatMap(({ prototype }) => [
    ...(declared.get(prototype as object)?.values() ?? []),
  ]);
}
