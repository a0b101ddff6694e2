import type { FailureCode, FieldViolation } from './failures.js';
import type { JsonObject } from './json.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A file in a request. People see its name and size, never its bytes. */
export interface RequestFile {
  /** The name of its part of the form. */
  readonly part: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** False in a dry run, for a file that was not fetched. */
  readonly isKnown?: boolean;
}

/** The form of a successful answer: a JSON object where nothing else is said. */
export type Yes = 'body' | 'no body' | 'body or none' | 'list' | 'text';

/** A form of several parts: the body of the request as JSON in one of them, files in the others. */
export interface RequestForm {
  /** The members of the body, which are texts, are parts of their own. */
  readonly parts?: boolean;
  readonly bodyPart: string;
  readonly files: readonly RequestFile[];
}

/** One HTTP request to a platform as a plain object, without host and credentials. */
export interface PlatformRequest {
  readonly method: Method;
  /** Below the platform's base URL; text put into it must be encoded. */
  readonly path: string;
  /** A list is sent as repeated names. */
  readonly query?: Readonly<
    Record<string, string | number | boolean | readonly string[] | undefined>
  >;
  readonly body?: JsonObject;
  /** A body that is a list. People see it as the member `items`. */
  readonly list?: readonly JsonObject[];
  /** Members of the body that hold the current time, computed each time the request is sent. */
  readonly momentsAt?: (now: number) => JsonObject;
  /** Sends the body as a form with files instead of as JSON. */
  readonly form?: RequestForm;
  /** A body other than JSON; its type is in the headers. */
  readonly bytes?: Uint8Array;
  /** Headers of this one request, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A read in spite of its method, such as opening a private channel that may be there. */
  readonly changesNothing?: boolean;
  /** Sent without credentials: the request itself carries the authorisation. */
  readonly withoutCredentials?: boolean;
  /**
   * Why it must not be sent at this time any more, in Unix milliseconds; empty while it may be. It is looked at
   * before each attempt, after every wait.
   */
  readonly findLateness?: (now: number) => readonly FieldViolation[];
  /** Secrets in this request, which are redacted wherever it is shown. */
  readonly secrets?: readonly string[];
  /**
   * The documented form of a success: a JSON object, status 204 without a body, one of the two, a JSON list,
   * or a text. Any other 2xx answer says nothing about the effect. Defaults to an object.
   */
  readonly yes?: Yes;
  /**
   * For reads in `run`, and for writes that others follow: the answer in a dry run, made of readable
   * placeholders.
   */
  readonly placeholder?: JsonObject | readonly JsonObject[];
}

/** A multipart form to send. Its files are not copied. */
export class MultipartForm {
  constructor(
    readonly form: RequestForm,
    /** The part `bodyPart`, as JSON. */
    readonly body: JsonObject,
  ) {}
}

/** A request ready for the wire. */
export interface WireRequest {
  readonly method: Method;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON for an object, a form for URLSearchParams, a form of several parts, or bytes. */
  readonly body?: JsonObject | readonly JsonObject[] | URLSearchParams | MultipartForm | Uint8Array;
  /** Secrets in the address or the body, beside the credentials; they are redacted in answers. */
  readonly secrets?: readonly string[];
}

/** An answer: header names in lower case, the body parsed if it is JSON. */
export interface PlatformAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** The result of one attempt to send a request. */
export type Delivery =
  | { readonly kind: 'answered'; readonly answer: PlatformAnswer }
  /** No byte of the request was sent: no connection was made. */
  | { readonly kind: 'unsent'; readonly reason: string }
  /** Bytes may have been sent, and no complete answer came. */
  | { readonly kind: 'unanswered'; readonly reason: string };

/** A refusal by a platform, or a failure to reach it. */
export interface Refusal {
  readonly code: FailureCode;
  readonly message: string;
  readonly platformCode?: string;
  readonly retryAfterMs?: number;
  /** Whether the action may have happened: not with a 429, perhaps with a 500. */
  readonly happened: 'no' | 'maybe';
  /** The platform, or a proxy in front of it, blocks the address of the gateway. */
  readonly blocksAddress?: boolean;
  /** The platform says that the access token itself is not valid, so a renewal may help. */
  readonly rejectsToken?: boolean;
  /** The platform asks for a repeat, such as with a 409 for a concurrent change. */
  readonly repeatable?: boolean;
  /** The fields that it is about, with what to do. */
  readonly violations?: readonly FieldViolation[];
}

/** Sends requests to the HTTP servers of platforms. Network failures are deliveries, not errors. */
export abstract class Transport {
  abstract deliver(request: WireRequest, timeoutMs: number): Promise<Delivery>;
}

/** The absolute URL of a request, its query encoded. */
export function buildUrl(
  base: string,
  { path, query }: Pick<PlatformRequest, 'path' | 'query'>,
): string {
  let text = '';
  for (const name in query) {
    const value = query[name];
    if (value === undefined) continue;
    for (const item of Array.isArray(value) ? value : [value])
      text += `${text === '' ? '?' : '&'}${encodeForQuery(name)}=${encodeForQuery(String(item))}`;
  }
  return `${base.endsWith('/') ? base.slice(0, -1) : base}${path}${text}`;
}

const NEEDS_NO_ENCODING = /^[\w.*-]*$/;

/** Ids and similar texts need no encoding; URLSearchParams encodes the others. */
function encodeForQuery(text: string): string {
  return NEEDS_NO_ENCODING.test(text)
    ? text
    : new URLSearchParams([['', text]]).toString().slice(1);
}
