import { type Action, type ActionContext, isTheAction } from '../actions/action.js';
import type { PreparedCall } from '../actions/outcome.js';
import { REDACTED } from '../actions/redaction.js';
import type { Platform } from '../actions/platform.js';
import { buildUrl, type PlatformRequest } from '../actions/wire.js';

/** What an action would send: the reads that lead to its write, and the write. */
export interface Rehearsal {
  readonly reads: readonly PreparedCall[];
  readonly write: PreparedCall;
  /** The same as they would be sent, in their order. */
  readonly requests: readonly PlatformRequest[];
  /** What the write costs, and one for each read; a file fetched elsewhere costs nothing there. */
  readonly cost: number;
}

/** Ends a rehearsal at the write; what follows it depends on an answer nobody has. */
class ReachedTheWrite extends Error {
  constructor(readonly write: PreparedCall) {
    super('The write is reached');
  }
}

/**
 * Plays an action without a network: reads are answered with their placeholders, the write is caught.
 * @throws Error when a read has no placeholder, or nothing would be sent
 */
export async function rehearse(
  platform: Platform,
  action: Action,
  input: object,
  context: ActionContext,
): Promise<Rehearsal> {
  const reads: PreparedCall[] = [];
  const requests: PlatformRequest[] = [];
  let { cost } = action;
  try {
    await action.carryOut(input, context, {
      send: async <Answer>(request: PlatformRequest): Promise<Answer> => {
        requests.push(request);
        if (isTheAction(action, request)) throw new ReachedTheWrite(showCall(platform, request));
        if (!request.placeholder) {
          throw new Error(
            `GET ${request.path} has no placeholder: a dry run could not show what follows it`,
          );
        }
        reads.push(showCall(platform, request));
        cost += 1;
        return request.placeholder as Answer;
      },
      fetch: async (url) => {
        reads.push({ method: 'GET', url });
        return { bytes: new Uint8Array(), type: '', isKnown: false };
      },
      reserveFiles: async () => undefined,
      upload: async ({ url, session }) => {
        if (url !== undefined) reads.push({ method: 'GET', url });
        throw new ReachedTheWrite(showCall(platform, session));
      },
      goOnAfter: () => undefined,
      wait: async () => true,
      recall: async (_name, placeholder) => placeholder,
      remember: async () => undefined,
      forget: async () => undefined,
    });
  } catch (error) {
    if (error instanceof ReachedTheWrite) return { reads, write: error.write, requests, cost };
    throw error;
  }
  throw new Error('it sends nothing');
}

/** A request as people may see it: no secret, no bytes of files. */
function showCall(platform: Platform, request: PlatformRequest): PreparedCall {
  const { method, headers, form, secrets = [], momentsAt } = request;
  const body = momentsAt ? { ...request.body, ...momentsAt(Date.now()) } : request.body;
  return {
    method,
    url: hideInAddress(buildUrl(platform.apiUrl, request), secrets),
    // Through JSON, as on the wire: undefined members are not sent.
    ...(body && { body: JSON.parse(JSON.stringify(body)) as PreparedCall['body'] }),
    ...(headers && Object.keys(headers).length > 0 && { headers }),
    ...(form && {
      files: form.files.map(({ name, bytes, isKnown = true }) => ({
        name,
        size: isKnown ? bytes.length : -1,
      })),
    }),
  };
}

/** Takes secrets out of the places in an address where they stand whole; they may be a single letter. */
function hideInAddress(address: string, secrets: readonly string[]): string {
  return address
    .split(/([/?&=#])/)
    .map((part) => (secrets.some((secret) => isSpelled(part, secret)) ? REDACTED : part))
    .join('');
}

function isSpelled(part: string, secret: string): boolean {
  return part !== '' && (part === secret || part === encodeURIComponent(secret));
}
