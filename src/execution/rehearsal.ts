import { type Action, type ActionContext, isTheAction } from '../actions/action.js';
import type { PreparedCall } from '../actions/outcome.js';
import { REDACTED } from '../actions/redaction.js';
import type { Platform } from '../actions/platform.js';
import { buildUrl, type PlatformRequest } from '../actions/wire.js';

/** The requests that an action would send: its reads, and its write. */
export interface Rehearsal {
  readonly reads: readonly PreparedCall[];
  readonly write: PreparedCall;
  /** The same requests in the form in which they would be sent, in order. */
  readonly requests: readonly PlatformRequest[];
  /** The cost of the write, plus one for each read. Fetching a file elsewhere costs nothing. */
  readonly cost: number;
}

/** Ends a rehearsal at the write: what follows depends on the answer to it. */
class ReachedTheWrite extends Error {
  constructor(readonly write: PreparedCall) {
    super('The write is reached');
  }
}

/**
 * Runs an action without a network: placeholders answer its reads, and the write ends the run.
 * @throws Error if a read has no placeholder, or nothing would be sent
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
  const send = async <Answer>(request: PlatformRequest): Promise<Answer> => {
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
  };
  try {
    await action.carryOut(input, context, {
      send,
      look: send,
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
      beginPart: () => undefined,
      renew: async () => undefined,
      wait: async () => true,
      recall: async (_name, placeholder) => placeholder,
      changeRecord: async (_name, change, placeholder) => change(placeholder),
      remember: async () => undefined,
      forget: async () => undefined,
    });
  } catch (error) {
    if (error instanceof ReachedTheWrite) return { reads, write: error.write, requests, cost };
    throw error;
  }
  throw new Error('it sends nothing');
}

/** A request in the form that people may see: without secrets and without file contents. */
function showCall(platform: Platform, request: PlatformRequest): PreparedCall {
  const { method, headers, form, secrets = [], momentsAt, list } = request;
  const bodyNow = momentsAt ? { ...request.body, ...momentsAt(Date.now()) } : request.body;
  const body = list ? { items: list } : bodyNow;
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

/** Redacts the parts of an address that equal a secret. A secret may be a single letter. */
function hideInAddress(address: string, secrets: readonly string[]): string {
  return address
    .split(/([/?&=#])/)
    .map((part) => (secrets.some((secret) => isSpelled(part, secret)) ? REDACTED : part))
    .join('');
}

function isSpelled(part: string, secret: string): boolean {
  return part !== '' && (part === secret || part === encodeURIComponent(secret));
}
