import type { FieldViolation } from '../../actions/failures.js';

interface EventTransport {
  readonly method: string;
  readonly callback?: string;
  readonly secret?: string;
  readonly session_id?: string;
  readonly conduit_id?: string;
}

/** The members that each method takes, and has to have. */
const MEMBERS: Readonly<Record<string, readonly (keyof EventTransport)[]>> = {
  webhook: ['callback', 'secret'],
  websocket: ['session_id'],
  conduit: ['conduit_id'],
};
const ALL = ['callback', 'secret', 'session_id', 'conduit_id'] as const;

/**
 * The members of a transport of events that are missing, or belong to another method.
 * @see https://dev.twitch.tv/docs/api/reference/#create-eventsub-subscription
 */
export function findTransportFaults(transport: EventTransport, path: string): FieldViolation[] {
  const taken = MEMBERS[transport.method] ?? [];
  return ALL.flatMap((name) => {
    const isGiven = transport[name] !== undefined;
    if (isGiven === taken.includes(name)) return [];
    const message = isGiven
      ? `must be left out: a ${transport.method} has none`
      : `is missing: a ${transport.method} needs it`;
    return [{ field: `${path}.${name}`, message }];
  });
}
