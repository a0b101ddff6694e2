import type { FailureCode } from './failures.js';
import type { JsonObject } from './json.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A file inside of a request; people are shown its name and size, never its bytes. */
export interface RequestFile {
  /** Name of its part of the form. */
  readonly part: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** False where a dry run stands in for a file that nobody has fetched. */
  readonly isKnown?: boolean;
}

/** The form of a successful answer. */
export type Yes = 'body' | 'no body' | 'body or none';

/** A form of several parts: the body of the request as JSON in one of them, files in the others. */
export interface RequestForm {
  readonly bodyPart: string;
  readonly files: readonly RequestFile[];
}

/** One HTTP request to a platform as a plain object, without host and credentials. */
export interface PlatformRequest {
  readonly method: Method;
  /** Below the platform's base URL; text put into it must be encoded. */
  readonly path: string;
  /** A list is sent as its name repeated. */
  readonly query?: Readonly<
    Record<string, string | number | boolean | readonly string[] | undefined>
  >;
  readonly body?: JsonObject;
  /** Members of the body that hold a moment, made anew each time the request leaves. */
  readonly momentsAt?: (now: number) => JsonObject;
  /** Sends the body as a form with files instead of as JSON. */
  readonly form?: RequestForm;
  /** A body that is no JSON; its type stands in the headers. */
  readonly bytes?: Uint8Array;
  /** Headers of this one request, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent without our credentials: what gives the right is in the request itself. */
  readonly withoutCredentials?: boolean;
  /** Secrets inside of this request; they are blotted out wherever it is shown. */
  readonly secrets?: readonly string[];
  /**
   * What the platform's documentation promises as the yes to this request: a body of JSON, status 204
   * without a body, or one of the two. Any other 2xx answer says nothing about the effect. A body when
   * left out.
   */
  readonly yes?: Yes;
  /** For reads inside `run`: the answer a dry run goes on with, made of readable placeholders. */
  readonly placeholder?: JsonObject;
}

/** A form of several parts on its way: its files are sent from where they are, without a copy. */
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
  readonly body?: JsonObject | URLSearchParams | MultipartForm | Uint8Array;
  /** Secrets inside of the address or the body, beside the credentials; an answer never shows them. */
  readonly secrets?: readonly string[];
}

/** An answer as it came: header names in lower case, the body parsed when it is JSON. */
export interface PlatformAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What became of one attempt to send bytes. */
export type Delivery =
  | { readonly kind: 'answered'; readonly answer: PlatformAnswer }
  /** No byte of the request left: no connection was made. */
  | { readonly kind: 'unsent'; readonly reason: string }
  /** Bytes may have left, and no whole answer came. */
  | { readonly kind: 'unanswered'; readonly reason: string };

/** A platform's no, in our words. */
export interface Refusal {
  readonly code: FailureCode;
  readonly message: string;
  readonly platformCode?: string;
  readonly retryAfterMs?: number;
  /** Whether the action may have happened all the same: a 429 surely not, a 500 perhaps. */
  readonly happened: 'no' | 'maybe';
  /** The platform, or what stands in front of it, takes nothing from this address, whoever sends. */
  readonly blocksAddress?: boolean;
  /** The platform says that the access token itself is not valid, so a renewal may help. */
  readonly rejectsToken?: boolean;
  /** The platform itself asks for a repeat, such as a 409 for a concurrent change. */
  readonly repeatable?: boolean;
}

/** The one way out to a platform's HTTP servers. Never throws for what the network does. */
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

/** Ids and the like are as they are; what else there may be is left to the standard. */
function encodeForQuery(text: string): string {
  return NEEDS_NO_ENCODING.test(text)
    ? text
    : new URLSearchParams([['', text]]).toString().slice(1);
}
