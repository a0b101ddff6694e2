import type { Delivery, WireRequest } from '../actions/wire.js';

/** More than any answer of a platform; an endless one must not fill the memory. */
export const LONGEST_ANSWER_BYTES = 8 * 1024 * 1024;

/** Errors that mean: there was never a connection, so no byte of the request left. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** A request as bytes and headers, as every client takes it. */
export interface EncodedRequest {
  readonly headers: Record<string, string>;
  readonly body: string | Buffer | undefined;
}

/** The bytes of a request, and the headers that say what they are. */
export async function encodeRequest({ headers, body }: WireRequest): Promise<EncodedRequest> {
  const all = { 'user-agent': 'action-gateway', accept: 'application/json', ...headers };
  if (body === undefined) return { headers: all, body };
  const typed = (type: string): Record<string, string> => ({ ...all, 'content-type': type });
  if (body instanceof URLSearchParams)
    return {
      headers: typed('application/x-www-form-urlencoded;charset=utf-8'),
      body: body.toString(),
    };
  if (body instanceof Uint8Array)
    return { headers: all, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) };
  if (body instanceof FormData) {
    // Node.js writes the form itself: whole, so that its length is known and it can be sent again.
    const whole = new Response(body);
    const type = whole.headers.get('content-type') ?? '';
    return { headers: typed(type), body: Buffer.from(await whole.arrayBuffer()) };
  }
  return { headers: typed('application/json'), body: JSON.stringify(body) };
}

/** The parsed body of a JSON answer, the text of any other, undefined for none. */
export function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** What an error of the network leaves open. @param code as Node.js or the client names it */
export function describeFault(url: string, code: string): Delivery {
  const { host } = new URL(url);
  return NEVER_CONNECTED.has(code)
    ? { kind: 'unsent', reason: `${host} cannot be reached (${code})` }
    : { kind: 'unanswered', reason: `${host} gave no answer (${code})` };
}
