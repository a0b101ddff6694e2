import { randomBytes } from 'node:crypto';
import { type Delivery, MultipartForm, type WireRequest } from '../actions/wire.js';
import { PROXY_FAILED } from './tunnel.js';

/** The longest answer that is read; longer than any answer of a platform. */
export const LONGEST_ANSWER_BYTES = 8 * 1024 * 1024;

/** Errors that mean that no connection was made, so that no byte of the request was sent. */
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

/** A request as bytes and headers, in the form that every client takes. */
export interface EncodedRequest {
  readonly headers: Record<string, string>;
  readonly body: string | Buffer | undefined;
}

/** A body as it is sent, and its content type, unless the headers of the request have one. */
export interface EncodedBody {
  readonly type?: string;
  /** A list is sent one after the other. */
  readonly content?: string | Buffer | readonly Buffer[];
  /** In bytes, of a list. */
  readonly length?: number;
}

/** The default headers of every request. */
const STANDING_HEADERS: Readonly<Record<string, string>> = {
  'user-agent': 'action-gateway',
  accept: 'application/json',
};

/** The bytes of a request and their headers. */
export function encodeRequest({ headers, body }: WireRequest): EncodedRequest {
  const { type, content } = encodeBody(body);
  return {
    headers: {
      ...STANDING_HEADERS,
      ...headers,
      ...(type !== undefined && { 'content-type': type }),
    },
    body: isList(content) ? Buffer.concat(content) : content,
  };
}

function isList(content: EncodedBody['content']): content is readonly Buffer[] {
  return Array.isArray(content);
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

/** The bytes of a body. */
export function encodeBody(body: WireRequest['body']): EncodedBody {
  if (body === undefined) return {};
  if (body instanceof URLSearchParams)
    return {
      type: 'application/x-www-form-urlencoded;charset=utf-8',
      content: body.toString(),
    };
  if (body instanceof Uint8Array)
    return { content: Buffer.from(body.buffer, body.byteOffset, body.byteLength) };
  if (body instanceof MultipartForm) return encodeForm(body);
  return { type: 'application/json', content: JSON.stringify(body) };
}

/** @see https://www.rfc-editor.org/rfc/rfc7578 */
function encodeForm({ form: { bodyPart, files, parts }, body }: MultipartForm): EncodedBody {
  const boundary = `gateway-${randomBytes(16).toString('hex')}`;
  const begin = (name: string, more = ''): string =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${quote(name)}"${more}\r\n\r\n`;
  const texts = parts
    ? Object.entries(body).map(([name, value]) => `${begin(name)}${String(value)}\r\n`)
    : [`${begin(bodyPart)}${JSON.stringify(body)}\r\n`];
  const content = texts.map((text) => Buffer.from(text));
  for (const { part, name, type, bytes } of files) {
    const more = `; filename="${quote(name)}"\r\nContent-Type: ${type || 'application/octet-stream'}`;
    content.push(
      Buffer.from(begin(part, more)),
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      Buffer.from('\r\n'),
    );
  }
  content.push(Buffer.from(`--${boundary}--\r\n`));
  const length = content.reduce((sum, piece) => sum + piece.length, 0);
  return { type: `multipart/form-data; boundary=${boundary}`, content, length };
}

/** Escapes a name in the head of a part as browsers do. */
function quote(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
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

/** Classifies a network error: unsent or unanswered. @param code of Node.js or the client */
export function describeFault(url: string, code: string): Delivery {
  const { host } = new URL(url);
  return NEVER_CONNECTED.has(code)
    ? { kind: 'unsent', reason: `${host} cannot be reached (${code})` }
    : { kind: 'unanswered', reason: `${host} gave no answer (${code})` };
}
