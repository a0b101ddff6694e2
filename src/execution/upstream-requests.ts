import type { Attributes } from '@opentelemetry/api';
import type { Platform } from '../actions/platform.js';
import {
  buildUrl,
  type Delivery,
  MultipartForm,
  type PlatformRequest,
  type WireRequest,
} from '../actions/wire.js';
import type { HeldCredential } from '../accounts/held-credential.js';
import type { UpstreamRoute } from './breakers.js';

const NO_HEADERS: WireRequest['headers'] = {};
const RESOURCE_ID = /\/\d+/;
const RESOURCE_IDS = /\/\d+/g;

/** A request of an action as it is sent: its address, its body of this moment, its credentials. */
export function buildWireRequest(
  platform: Platform,
  credential: HeldCredential,
  request: PlatformRequest,
): WireRequest {
  const { momentsAt } = request;
  const bodyNow = momentsAt ? { ...request.body, ...momentsAt(Date.now()) } : request.body;
  return {
    method: request.method,
    url: buildUrl(platform.apiUrl, request),
    headers: listHeaders(platform, credential, request),
    body: request.form
      ? new MultipartForm(request.form, bodyNow ?? {})
      : (request.bytes ?? request.list ?? bodyNow),
    secrets: request.secrets,
  };
}

function listHeaders(
  platform: Platform,
  credential: HeldCredential,
  { headers, withoutCredentials }: PlatformRequest,
): WireRequest['headers'] {
  const { userAgent } = platform;
  const credentials = withoutCredentials ? NO_HEADERS : platform.authorize(credential);
  // Most requests have no other headers.
  if (userAgent === undefined && headers === undefined) return credentials;
  return {
    ...(userAgent !== undefined && { 'user-agent': userAgent }),
    ...headers,
    ...credentials,
  };
}

/**
 * The route whose circuit breaker a request shares: the account, the resource at the beginning of its
 * path, such as a channel, and the path without ids. Without credentials the path is the resource.
 */
export function findRoute(
  { name: service, title }: Platform,
  { accountId }: HeldCredential,
  { method, path, withoutCredentials = false }: PlatformRequest,
): UpstreamRoute & { readonly route: string } {
  if (withoutCredentials)
    return { service, title, resource: path, route: `${method} without account` };
  const at = path.indexOf('?');
  const plain = at < 0 ? path : path.slice(0, at);
  const id = RESOURCE_ID.exec(plain)?.[0];
  if (id === undefined) return { service, title, resource: accountId, route: `${method} ${plain}` };
  const route = `${method} ${plain.replaceAll(RESOURCE_IDS, '/:id')}`;
  return { service, title, resource: accountId + id, route };
}

/** What the trace of a request shows of its delivery. */
export function describeDelivery({ method }: PlatformRequest, delivery: Delivery): Attributes {
  if (delivery.kind !== 'answered') return { 'http.request.method': method, sent: delivery.kind };
  return { 'http.request.method': method, 'http.response.status_code': delivery.answer.status };
}

/** Everything that the answer to a look depends on. */
export function nameLook(
  { name, apiUrl }: Platform,
  { accountId, reference }: HeldCredential,
  request: PlatformRequest,
): string {
  const address = buildUrl(apiUrl, request);
  const { customer, ref } = reference ?? {};
  return JSON.stringify([name, accountId, customer, ref, address, request.body]);
}
