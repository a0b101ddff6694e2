import type { Delivery, WireRequest } from '../actions/wire.js';
import { PROXY_FAILED } from './tunnel.js';

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
  PROXY_FAILED,
]);

/** A request as bytes and headers, as every client takes it. */
export interface EncodedRequest {
  readonly headers: Record<string, string>;
  readonly body: string | Buffer | undefined;
}

/** A body as it is sent, and what it is, unless the headers of the request say so. */
export interface EncodedBody {
  readonly type?: string;
  readonly content?: string | Buffer;
}

/** What every request says of itself, unless it says otherwise. */
const STANDING_HEADERS: Readonly<Record<string, string>> = {
  'user-agent': 'action-gateway',
  accept: 'application/json',
};

/** The bytes of a request, and the headers that say what they are. */
export async function encodeRequest({ headers, body }: WireRequest): Promise<EncodedRequest> {
  const { type, content } = await encodeBody(body);
  return {
    headers: {
      ...STANDING_HEADERS,
      ...headers,
      ...(type !== undefined && { 'content-type': type }),
    },
    body: content,
  };
}

/** The headers of a request as names and values in turn. @param type of its body */
export function listHeaders(headers: WireRequest['headers'], type: string | undefined): string[] {
  const list: string[] = [];
  for (const name in STANDING_HEADERS)
    if (headers[name] === undefined) list.push(name, STANDING_HEADERS[name] as string);
  for (const name in headers)
    if (type === undefined || name !== 'content-type') list.push(name, headers[name] as string);
  if (type !== undefined) list.push('content-type', type);
  return list;
}

/** The bytes of a body; only a form of several parts has to be waited for. */
export function encodeBody(body: WireRequest['body']): EncodedBody | Promise<EncodedBody> {
  if (body === undefined) return {};
  if (body instanceof URLSearchParams)
    return {
      type: 'application/x-www-form-urlencoded;charset=utf-8',
      content: body.toString(),
    };
  if (body instanceof Uint8Array)
    return { content: Buffer.from(body.buffer, body.byteOffset, body.byteLength) };
  if (body instanceof FormData) return encodeForm(body);
  return { type: 'application/json', content: JSON.stringify(body) };
}

async function encodeForm(form: FormData): Promise<EncodedBody> {
  // Node.js writes the form itself: whole, so that its length is known and it can be sent again.
  const whole = new Response(form);
  const type = whole.headers.get('content-type') ?? '';
  return { type, content: Buffer.from(await whole.arrayBuffer()) };
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
