import { RequestMapping, RequestMethod, type Type } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FieldClass } from '../../actions/fields.js';
import type { JsonObject } from '../../actions/json.js';
import type { Call } from '../../callers/call.js';
import type { Caller } from '../../callers/caller.js';
import type { Documented } from '../door/schema.js';
import type { ProblemStatus } from '../contracts/problems.js';
import type { AccessRules } from './access-rules.js';
import type { Schema } from './schema.js';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Part<Parts, Name extends string, Raw> = Parts extends Record<Name, infer Value> ? Value : Raw;

/** A request to a public route: parts that are declared by a class are instances of it. */
export interface PublicRequest<Parts = object> {
  readonly params: Part<Parts, 'params', Readonly<Record<string, string>>>;
  readonly query: Part<Parts, 'query', Readonly<Record<string, unknown>>>;
  readonly body: Part<Parts, 'body', unknown>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** A request to any other route, with the caller and its opened call. */
export interface RouteRequest<Parts = object> extends PublicRequest<Parts> {
  readonly call: Call;
  readonly caller: Caller;
}

/** One answer in the document. */
export interface Answer<Value = unknown> {
  readonly description: string;
  readonly headers?: JsonObject;
  readonly content?: Readonly<Record<string, { schema: Schema<Value> } & JsonObject>>;
}

/** What of an operation depends on the actions of the catalogue and on the forms of envelopes. */
export interface CatalogueParts {
  /** Added to the description of the declaration. */
  readonly description?: string;
  readonly requestBody?: JsonObject;
  readonly responses?: JsonObject;
}

/** Everything about one route: its access rules, its parameters, its answers. */
interface RouteDeclaration<
  Params extends object,
  Query extends object,
  Body,
  Value,
> extends AccessRules {
  readonly method: Method;
  /** From the root, such as `/api/v1/flags/:key`. */
  readonly path: string;
  /** The group in the document: one of ours, or one of a dialect. */
  readonly tag: string;
  /** Its `operationId`; the name of the handler when left out. */
  readonly id?: string;
  readonly summary: string;
  readonly description?: string;
  /** The parameters of the path; those without a class are any text. */
  readonly params?: FieldClass<Params>;
  readonly query?: FieldClass<Query>;
  /** The JSON body. It may be left out where no field of it is required. */
  readonly body?: FieldClass<Body & object>;
  /** No body is refused although no single field is required. */
  readonly bodyRequired?: boolean;
  /** For a query that the handler reads itself: what the document says of each name. */
  readonly rawQuery?: Readonly<Record<string, JsonObject>>;
  /** For a body that the handler reads itself: its `requestBody` in the document. */
  readonly rawBody?: JsonObject;
  /** In the document: the header `Prefer: wait` names the deadline of what is carried out. */
  readonly takesDeadline?: boolean;
  /** In the document, in place of what follows from `needs`. */
  readonly security?: readonly JsonObject[];
  /** The first is the status of what the handler returns. */
  readonly answers: Readonly<Record<number, Answer<Value> | undefined>>;
  /** Problems besides those that every route of its kind may answer with. */
  readonly refuses?: readonly ProblemStatus[];
  /** An example of the body. */
  readonly example?: JsonObject;
  readonly catalogued?: (documented: Documented) => CatalogueParts;
  /** Headers of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The dialect in whose form it refuses. */
  readonly refusesAs?: string;
  /** The largest body in bytes; MAX_MESSAGE_BYTES when left out. */
  readonly maxBodyBytes?: number;
  /** Served however many requests are under way: probes must not take a busy replica for a dead one. */
  readonly isProbe?: boolean;
  /** Requests of one address in a minute. */
  readonly perMinute?: number;
}

/** A declaration, and the handler below it. */
export interface Route extends RouteDeclaration<object, object, unknown, unknown> {
  readonly id: string;
  readonly type: Type;
  readonly handler: string;
}

/** The declaration of a route that Fastify serves, by its configuration; undefined for none. */
export function readRoute(config: unknown): Route | undefined {
  return ((config ?? {}) as { readonly route?: Route }).route;
}

const declared = new WeakMap<object, Map<string, Route>>();

/**
 * Declares a route of REST. Its address, its access rules, how its parts are parsed and its operation in
 * the contract all follow from here. The handler takes one `RouteRequest` and returns the body of the answer, or
 * sends the answer itself.
 */
export function Route<
  Params extends object = Readonly<Record<string, string>>,
  Query extends object = Readonly<Record<string, unknown>>,
  Body = unknown,
  Value = unknown,
  const Needs extends AccessRules['needs'] = AccessRules['needs'],
>(declaration: RouteDeclaration<Params, Query, Body, Value> & { readonly needs: Needs }) {
  type Parts = { params: Params; query: Query; body: Body };
  type Handler = (
    asked: Needs extends 'public' ? PublicRequest<Parts> : RouteRequest<Parts>,
  ) => Value | void | Promise<Value | void>;
  return <Handle extends Handler>(
    prototype: object,
    name: string,
    descriptor: TypedPropertyDescriptor<Handle>,
  ): void => {
    const route = {
      id: name,
      ...declaration,
      type: prototype.constructor as Type,
      handler: name,
    } as unknown as Route;
    const routes = declared.get(prototype) ?? new Map<string, Route>();
    declared.set(prototype, routes.set(name, route));
    const { method, path, perMinute } = declaration;
    RequestMapping({ method: RequestMethod[method], path })(prototype, name, descriptor);
    RouteConfig({
      route,
      ...(perMinute !== undefined && {
        rateLimit: { max: perMinute, timeWindow: '1 minute' },
      }),
    })(prototype, name, descriptor);
  };
}

/** The routes that controllers declare. */
export function listRoutes(controllers: readonly Type[]): readonly Route[] {
  return controllers.flatMap(({ prototype }) => [
    ...(declared.get(prototype as object)?.values() ?? []),
  ]);
}

/** Under this token the routes of all controllers are injected. */
export const ROUTES = Symbol('routes');

/** An answer in JSON. */
export function json<Value>(
  description: string,
  schema: Schema<Value>,
  more: { readonly example?: JsonObject; readonly headers?: JsonObject } = {},
): Answer<Value> {
  const { example, headers } = more;
  return {
    description,
    ...(headers && { headers }),
    content: { 'application/json': { schema, ...(example && { example }) } },
  };
}

/** An answer of another type. */
export function typed(description: string, ...types: readonly string[]): Answer<Buffer> {
  const content = types.map((type) => [type, { schema: { type: 'string' } }]);
  return { description, content: Object.fromEntries(content) as Answer<Buffer>['content'] };
}

/** An answer without a body. */
export function empty(description: string, headers?: JsonObject): Answer<never> {
  return { description, ...(headers && { headers }) };
}
