import { youtube, type youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import type { Upstream } from '../../actions/action.js';
import { ActionFailure } from '../../actions/failures.js';
import { isObject, type JsonObject } from '../../actions/json.js';
import type { Method, PlatformRequest } from '../../actions/wire.js';

/** What the library would send; only its description is taken, and nothing leaves here. */
interface Captured {
  readonly url: string;
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly data?: unknown;
}

/** A call of the library, whose promise says what the answer looks like. */
export type YouTubeCall<Answer> = (
  client: youtube_v3.Youtube,
) => PromiseLike<{ readonly data: Answer }>;

let captured: Captured | undefined;

/** The library hands its finished request to `auth` before it waits for anything. */
const client = youtube({
  version: 'v3',
  auth: {
    request: async (options: Captured) => {
      captured = options;
      return { data: {}, headers: {} };
    },
  } as never,
});

/**
 * A request as Google's own library builds it, for our own transport: calls and parameters that do
 * not exist do not compile.
 * @see https://googleapis.dev/nodejs/googleapis/latest/youtube/classes/Youtube.html
 */
export function buildYouTubeRequest<Answer>(
  call: YouTubeCall<Answer>,
  placeholder?: Answer & object,
): PlatformRequest {
  captured = undefined;
  let fault: unknown;
  // Nothing comes of the promise but the complaint about a parameter that is missing.
  void Promise.resolve(call(client)).catch((error: unknown) => (fault = error));
  const request = captured as Captured | undefined;
  captured = undefined;
  if (!request) throw new Error(`The library built no request: ${String(fault ?? 'it waits')}`);
  return {
    method: request.method as Method,
    // The library has the host of Google in it; ours is configuration.
    path: new URL(request.url).pathname,
    query: readQuery(request.params),
    ...(isObject(request.data) && { body: request.data as JsonObject }),
    ...(placeholder && { placeholder: placeholder as JsonObject }),
  };
}

/** Sends a call and gives its answer in the library's own types. */
export function askYouTube<Answer>(
  upstream: Upstream,
  call: YouTubeCall<Answer>,
  placeholder?: Answer & object,
): Promise<Answer> {
  return upstream.send<Answer>(buildYouTubeRequest(call, placeholder));
}

/** Sends a write whose documented answer is 204 without a body. */
export async function tellYouTube(upstream: Upstream, call: YouTubeCall<void>): Promise<void> {
  await upstream.send({ ...buildYouTubeRequest(call), yes: 'no body' });
}

/**
 * The things in the answer to a list.
 * @throws ActionFailure PLATFORM_DOWN for an answer that is no list of YouTube's: it tells nothing
 */
export function readItems<Item>(answer: {
  readonly kind?: string | null;
  readonly items?: Item[];
}): readonly Item[] {
  if (Array.isArray(answer.items)) return answer.items;
  // An empty list may come without its items.
  if (answer.items === undefined && answer.kind?.endsWith('ListResponse')) return [];
  throw new ActionFailure('PLATFORM_DOWN', 'The answer of YouTube holds no list');
}

/**
 * The things of a page, and the token of the next one.
 * @throws ActionFailure PLATFORM_DOWN for an answer that is no list of YouTube's
 */
export function readListPage<Item, Shown extends object>(
  answer: {
    readonly kind?: string | null;
    readonly items?: Item[];
    readonly nextPageToken?: string | null;
  },
  show: (item: Item) => Shown,
) {
  return { items: readItems<Item>(answer).map(show), next: answer.nextPageToken ?? undefined };
}

function readQuery(params: Captured['params'] = {}): PlatformRequest['query'] {
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) => {
      if (value === undefined || value === null) return [];
      return [[name, Array.isArray(value) ? value.map(String) : String(value)]];
    }),
  );
}

/** The id of what was made. @throws TypeError when the answer has none, and so cannot be read */
export function readId(made: { readonly id?: string | null } | undefined): string {
  if (typeof made?.id !== 'string' || made.id === '') throw new TypeError('The answer holds no id');
  return made.id;
}
