import type { Server } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../config/config.js';
import type { Certificates } from '../certificates.js';
import { Entrance, type Visitor } from '../entrance.js';
import type { EarlierCallers } from '../predecessors/earlier-callers.js';
import { readRestCredentials } from '../predecessors/earlier-door.js';
import { DoorRefusal } from '../../actions/door-refusal.js';
import { sendProblem } from '../door.filter.js';
import { hasBody } from './body.js';
import { isForm } from './form.js';

/** How often Node.js looks for requests that take too long. */
const LOOK_MS = 1_000;
const TOKEN_DOOR = '/api/v1/auth/token';
/** A wish for a token is short, and comes from people nobody knows yet. */
const LARGEST_TOKEN_WISH = 65_536;
/** Up to here a body is read before its caller is known; it is gone at once where there is no token. */
const SMALL_BODY = 65_536;

/** How Fastify is set up: size caps, time-outs, TLS. */
export function describeRestServer(config: Config, certificates?: Certificates): object {
  const server = {
    connectionsCheckingInterval: LOOK_MS,
    headersTimeout: config.REST_HEADERS_TIMEOUT * 1_000,
  };
  return {
    bodyLimit: config.MAX_MESSAGE_BYTES,
    frameworkErrors: refuseAddress,
    routerOptions: { maxParamLength: 255 },
    // The recipe says no in our own words, which tell that nothing was sent.
    return503OnClosing: false,
    // The end of any request; bodies that are no files end far earlier.
    requestTimeout: (config.UPLOAD_BUDGET + config.REST_BODY_TIMEOUT) * 1_000,
    ...(config.trustedProxies.length > 0 && { trustProxy: [...config.trustedProxies] }),
    ...(certificates ? { https: { ...server, ...certificates.serverOptions } } : { http: server }),
  };
}

/** Says in our own form what is wrong with an address that leads to no route. */
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
 * Keeps what is slow, large or unknown from holding the door: connections have a number, bodies a time,
 * and whoever sends a large one is asked for its token before it is read.
 * @param instance the Fastify instance below Nest, before its routes are there
 */
export function guardRestServer(
  instance: FastifyInstance,
  config: Config,
  entrance: Entrance,
  earlierCallers: EarlierCallers,
): void {
  const server = instance.server as Server;
  if (config.MAX_CONNECTIONS > 0) server.maxConnections = config.MAX_CONNECTIONS;
  instance.addHook('onRoute', (route) => {
    if (route.url === TOKEN_DOOR) route.bodyLimit = LARGEST_TOKEN_WISH;
  });
  instance.addHook('onRequest', (request, reply, done) => {
    if (!hasBody(request)) return done();
    if (!isForm(request)) endSlowBody(request, reply, config.REST_BODY_TIMEOUT);
    const isLarge = !(Number(request.headers['content-length']) <= SMALL_BODY);
    if (isLarge && request.routeOptions.url !== TOKEN_DOOR) {
      try {
        entrance.enter(request, () => readRestVisitor(request));
      } catch (error) {
        if (!isEarlierCaller(earlierCallers, request)) return done(error as Error);
      }
    }
    done();
  });
}

/** Who asks, as the headers have it. */
export function readRestVisitor({ headers, raw }: FastifyRequest): Visitor {
  const { authorization, 'x-forwarded-for': given } = headers;
  const forwardedFor = Array.isArray(given) ? given.join(',') : given;
  return {
    authorization,
    peer: raw.socket.remoteAddress ?? '',
    ...(forwardedFor !== undefined && { forwardedFor }),
  };
}

/** Whoever the doors of the earlier services would let in; which of them it is, is told by the body. */
function isEarlierCaller(earlierCallers: EarlierCallers, request: FastifyRequest): boolean {
  try {
    earlierCallers.identify(readRestCredentials('any', request));
    return true;
  } catch {
    return false;
  }
}

function endSlowBody({ raw }: FastifyRequest, reply: FastifyReply, seconds: number): void {
  const timer = setTimeout(() => {
    if (raw.complete || reply.sent) return;
    reply.raw.once('finish', () => raw.socket.destroySoon());
    const message = `The body was not there within ${seconds} seconds`;
    sendProblem(reply, new DoorRefusal('DEADLINE_EXCEEDED', 408, message));
  }, seconds * 1_000).unref();
  const stop = (): void => clearTimeout(timer);
  raw.once('end', stop).once('close', stop);
}
