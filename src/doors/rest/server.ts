import type { Server } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../config/config.js';
import type { ProcessBounds } from '../../safeguards/process-bounds.js';
import type { Certificates } from '../certificates.js';
import { CallerAuthentication } from '../caller-authentication.js';
import { DoorRefusal } from '../../actions/door-refusal.js';
import type { Dialects } from '../door/dialects.js';
import { presentRest } from '../door/presented.js';
import { readRoute, type Route } from '../door/route.js';
import { sendProblem } from '../door/refusals.js';
import { hasBody } from './body.js';
import { serveSequentially } from './connection-queue.js';
import { isForm } from './form.js';

/** How often Node.js checks for requests that take too long. */
const CHECK_EVERY_MS = 1_000;
/** When a caller that was refused for lack of capacity should try again. */
const RETRY_AFTER_MS = 1_000;
/** A body of at most this size is read before its caller is authenticated. */
const SMALL_BODY_BYTES = 65_536;

/** How Fastify is set up: size caps, time-outs, TLS. */
export function describeRestServer(config: Config, certificates?: Certificates): object {
  const server = {
    connectionsCheckingInterval: CHECK_EVERY_MS,
    headersTimeout: config.REST_HEADERS_TIMEOUT * 1_000,
  };
  return {
    bodyLimit: config.MAX_MESSAGE_BYTES,
    frameworkErrors: refuseAddress,
    routerOptions: { maxParamLength: 255 },
    // The recipe refuses in our own form, which says that nothing was sent.
    return503OnClosing: false,
    // The end of any request; bodies that are no files end far earlier.
    requestTimeout: (config.UPLOAD_BUDGET + config.REST_BODY_TIMEOUT) * 1_000,
    ...(config.trustedProxies.length > 0 && { trustProxy: [...config.trustedProxies] }),
    ...(certificates ? { https: { ...server, ...certificates.serverOptions } } : { http: server }),
  };
}

/** Refuses an invalid URL in our own form. */
function refuseAddress(
  error: Error & { statusCode?: number },
  _request: unknown,
  reply: FastifyReply,
): void {
  const http = error.statusCode === 414 ? 414 : 400;
  const message =
    http === 414
      ? 'A part of the path is too long'
      : 'The address is not valid: percent-encode its path as UTF-8';
  sendProblem(reply, new DoorRefusal('INVALID_ARGUMENT', http, message));
}

/**
 * Keeps slow, large and unknown requests from blocking the door: the number of connections and the time of
 * a body are bounded, and the token of a large request is checked before its body is read.
 * @param instance the Fastify instance below Nest, before its routes are there
 */
export function guardRestServer(
  instance: FastifyInstance,
  config: Config,
  authentication: CallerAuthentication,
  dialects: Dialects,
  bounds: ProcessBounds,
): void {
  const server = instance.server as Server;
  serveSequentially(server, bounds, { answerTimeoutMs: config.REST_ANSWER_TIMEOUT * 1_000 });
  if (config.MAX_CONNECTIONS > 0) server.maxConnections = config.MAX_CONNECTIONS;
  instance.addHook('onRoute', (route) => {
    const { maxBodyBytes } = readRoute(route.config) ?? {};
    if (maxBodyBytes !== undefined) route.bodyLimit = maxBodyBytes;
  });
  instance.addHook('onRequest', (request, reply, done) => {
    const route = readRoute(request.routeOptions.config);
    if (route?.isProbe !== true) {
      const owner = request.raw.socket.remoteAddress ?? '';
      if (!bounds.requests.enter(owner)) return done(refuseForCapacity('requests under way'));
      reply.raw.once('close', () => bounds.requests.leave(owner));
    }
    if (!hasBody(request)) return done();
    if (!isForm(request)) endSlowBody(request, reply, config.REST_BODY_TIMEOUT);
    const isLarge = !(Number(request.headers['content-length']) <= SMALL_BODY_BYTES);
    const go = (): void => {
      holdBody(request, reply, bounds);
      done();
    };
    const fail = (error: Error): void => done(error);
    if (!isLarge || route?.maxBodyBytes !== undefined) return go();
    try {
      const caller = authentication.authenticateRest(request);
      if (caller instanceof Promise) return void caller.then(go, fail);
    } catch (error) {
      if (!isKnownToDialect(dialects, route, request)) return done(error as Error);
    }
    go();
  });
}

/** Whether a dialect that the request may be in authenticates the caller; the body tells which one it is. */
function isKnownToDialect(
  dialects: Dialects,
  route: Route | undefined,
  request: FastifyRequest,
): boolean {
  if (!route) return false;
  return dialects.listPossible(route).some((dialect) => {
    try {
      return dialect.authenticate?.(presentRest(request)) !== undefined;
    } catch {
      return false;
    }
  });
}

/** Counts a body by its announced length: while it is received, and a large one until the answer. */
function holdBody(request: FastifyRequest, reply: FastifyReply, bounds: ProcessBounds): void {
  const { raw, headers } = request;
  const announced = Number(headers['content-length']);
  const isSmall = announced <= SMALL_BODY_BYTES;
  // A form is streamed, so that little of it is held. A chunked body announces no length.
  const bytes = isForm(request) || !(announced >= 0) ? SMALL_BODY_BYTES : announced;
  // The caller of a small body is not authenticated yet: its body may be dropped in favour of a large one.
  const held = isSmall ? bounds.unknownCallers : bounds.unfinishedMessages;
  const holding = held.hold(raw.socket.remoteAddress ?? '', bytes, () => {
    refuseBody(request, reply, refuseForCapacity('unfinished requests'));
  });
  if (isSmall) raw.once('end', () => held.release(holding));
  else raw.once('end', () => held.keep(holding));
  reply.raw.once('close', () => held.release(holding));
}

function refuseForCapacity(what: string): DoorRefusal {
  const message = `The gateway has too many ${what}; try again`;
  return new DoorRefusal('RESOURCE_EXHAUSTED', 503, message, RETRY_AFTER_MS);
}

/** Answers a request whose body is incomplete, and closes the connection. */
function refuseBody({ raw }: FastifyRequest, reply: FastifyReply, refusal: DoorRefusal): void {
  if (raw.complete || reply.sent) return;
  reply.raw.once('finish', () => raw.socket.destroySoon());
  sendProblem(reply, refusal);
}

function endSlowBody(request: FastifyRequest, reply: FastifyReply, seconds: number): void {
  const { raw } = request;
  const timer = setTimeout(() => {
    const message = `The body was not there within ${seconds} seconds`;
    refuseBody(request, reply, new DoorRefusal('DEADLINE_EXCEEDED', 408, message));
  }, seconds * 1_000).unref();
  const stop = (): void => clearTimeout(timer);
  raw.once('end', stop).once('close', stop);
}
