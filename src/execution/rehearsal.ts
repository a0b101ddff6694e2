import type { Action, ActionContext } from '../actions/action.js';
import type { PreparedCall } from '../actions/outcome.js';
import type { Platform } from '../actions/platform.js';
import { buildUrl, type PlatformRequest } from '../actions/wire.js';

/** What an action would send: the reads that lead to its write, and the write. */
export interface Rehearsed {
  readonly reads: readonly PreparedCall[];
  readonly write: PreparedCall;
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
): Promise<Rehearsed> {
  const reads: PreparedCall[] = [];
  const show = (request: PlatformRequest): PreparedCall => ({
    method: request.method,
    url: buildUrl(platform.apiUrl, request),
    // Through JSON, as on the wire: undefined members are not sent.
    ...(request.body && { body: JSON.parse(JSON.stringify(request.body)) as PreparedCall['body'] }),
  });
  try {
    await action.carryOut(input, context, {
      send: async <Answer>(request: PlatformRequest): Promise<Answer> => {
        const isTheAction =
          request.method !== 'GET' || (action.effect === 'read' && !request.placeholder);
        if (isTheAction) throw new ReachedTheWrite(show(request));
        if (!request.placeholder) {
          throw new Error(
            `GET ${request.path} has no placeholder: a dry run could not show what follows it`,
          );
        }
        reads.push(show(request));
        return request.placeholder as Answer;
      },
      wait: async () => true,
    });
  } catch (error) {
    if (error instanceof ReachedTheWrite) return { reads, write: error.write };
    throw error;
  }
  throw new Error('it sends nothing');
}
