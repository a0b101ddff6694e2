import { type Action, type ActionContext, isTheAction } from '../actions/action.js';
import type { PreparedCall } from '../actions/outcome.js';
import { REDACTED } from '../actions/redaction.js';
import type { Platform } from '../actions/platform.js';
import { buildUrl, type PlatformRequest } from '../actions/wire.js';

/** A request as it would be sent, and what it would take of the platform's budget. */
interface PricedRequest {
  readonly request: PlatformRequest;
  readonly cost: number;
}

/** The requests that an action would send: its reads, its write, and the writes after that. */
export interface Rehearsal {
  readonly reads: readonly PreparedCall[];
  readonly write: PreparedCall;
  /** Of an action of several writes: those after the first, in order. */
  readonly following: readonly PreparedCall[];
  /** The same requests in the form in which they would be sent, in order. */
  readonly requests: readonly PricedRequest[];
  /** The cost of the writes, plus one for each read. Fetching a file elsewhere costs nothing. */
  readonly cost: number;
}

/** Ends a rehearsal at a write without a placeholder: what follows depends on the answer to it. */
class ReachedTheEnd extends Error {
  constructor() {
    super('The last write is reached');
  }
}

/**
 * Runs an action without a network: placeholders answer its reads, and a write without one ends the run.
 * @throws Error if a read has no placeholder, or nothing would be sent
 */
export async function rehearse(
  platform: Platform,
  action: Action,
  input: object,
  context: ActionContext,
): Promise<Rehearsal> {
  const reads: PreparedCall[] = [];
  const writes: PreparedCall[] = [];
  const requests: PricedRequest[] = [];
  const send = async <Answer>(request: PlatformRequest): Promise<Answer> => {
    const isWrite = isTheAction(action, request);
    // As it is paid for: the first request pays for the action, and every write after the first for itself.
    const isPriced = requests.length === 0 || (isWrite && writes.length > 0);
    requests.push({ request, cost: isPriced ? action.cost : 1 });
    (isWrite ? writes : reads).push(showCall(platform, request));
    if (request.placeholder) return request.placeholder as Answer;
    if (isWrite) throw new ReachedTheEnd();
    throw new Error(
      `GET ${request.path} has no placeholder: a dry run could not show what follows it`,
    );
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
        return send(session);
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
    if (!(error instanceof ReachedTheEnd)) throw error;
  }
  const [write, ...following] = writes;
  if (!write) throw new Error('it sends nothing');
  const cost = requests.reduce((sum, request) => sum + request.cost, 0);
  return { reads, write, following, requests, cost };
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
