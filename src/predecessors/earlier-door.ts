import { isObject } from '../actions/json.js';
import type { Carrier } from '../doors/door/open-call.js';
import { readPeer } from '../doors/grpc/doorkeeper.js';
import type { EarlierCredentials } from './earlier-callers.js';
import type { PredecessorName } from './predecessor.js';

/** Whose doors these are: of one earlier service, or of callers that spoke to all of them. */
export type EarlierService = PredecessorName | 'any';

const KEY_HEADERS = ['x-service-key', 'x-api-key'];

/** What of a REST request is there from its beginning. */
interface RestRequest {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly raw: { readonly socket: { readonly remoteAddress?: string | undefined } };
}

/** Lets callers of an earlier service in by other means than tokens of ours. */
export interface EarlierDoorMark {
  readonly service: EarlierService;
  /** For a route that is also ours: whether a body has the earlier form. */
  readonly takes: (body: unknown) => boolean;
}

/** At a door of an earlier service alone, whose every request has the earlier form. */
export function lettingIn(service: EarlierService): EarlierDoorMark {
  return { service, takes: () => true };
}

/**
 * What a request brings to be let in with; undefined where it came in our own form.
 * @param message that of a call of gRPC
 */
export function readEarlierCredentials(
  { service, takes }: EarlierDoorMark,
  carrier: Carrier,
  message: unknown,
): EarlierCredentials | undefined {
  if ('metadata' in carrier) {
    const peer = readPeer(carrier as unknown as { getPeer(): string });
    const shown = readRpcCredentials(service, carrier.metadata, peer);
    return { ...shown, authorization: readToken(message) ?? shown.authorization };
  }
  const request = carrier as unknown as RestRequest & { readonly body: unknown };
  return takes(request.body) ? readRestCredentials(service, request) : undefined;
}

/** The same of a call of gRPC by its metadata alone, before its message is there. */
export function readRpcCredentials(
  service: EarlierService,
  metadata: { get(name: string): unknown[] },
  peer: string,
): EarlierCredentials {
  const read = (name: string): string | undefined => readText(metadata.get(name)[0]);
  return {
    service,
    authorization: read('authorization'),
    keys: KEY_HEADERS.flatMap((name) => read(name) ?? []),
    peer,
  };
}

/** The same of a REST request by its head alone, before its body is there. */
export function readRestCredentials(
  service: EarlierService,
  { headers, raw }: RestRequest,
): EarlierCredentials {
  return {
    service,
    authorization: readText(headers['authorization']),
    keys: KEY_HEADERS.flatMap((name) => readText(headers[name]) ?? []),
    // Of the connection itself: a header may say anything.
    peer: raw.socket.remoteAddress ?? '',
  };
}

/** The field of the earlier Discord service's messages. */
function readToken(message: unknown): string | undefined {
  const token = isObject(message) ? readText(message['token']) : undefined;
  return token === undefined ? undefined : `Bearer ${token.replace(/^bearer /i, '')}`;
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
