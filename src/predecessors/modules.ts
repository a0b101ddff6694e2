import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '../config/config.js';
import { PREDECESSOR_NAMES, type Predecessor, type PredecessorName } from './predecessor.js';
import { PREDECESSORS } from './predecessors.js';

/** What of a request tells which earlier service it was meant for. */
export interface Addressed {
  readonly headers: IncomingHttpHeaders;
  readonly raw: { readonly socket: { readonly localPort?: number | undefined } };
}

/**
 * The earlier service that a request was meant for: by the host it named, in either way in which they
 * were named (twitch-action, action-twitch, waddlebot-twitch-action), or by the port it came to.
 */
export function findModule(
  { headers, raw }: Addressed,
  { oldPorts }: Pick<Config, 'oldPorts'>,
): Predecessor | undefined {
  const [host = ''] = (headers.host ?? '').toLowerCase().split(/[.:]/);
  const named = PREDECESSOR_NAMES.find((name) =>
    new RegExp(`(^|-)${name}-action(-rest|-module)?$|^action-${name}$`).test(host),
  );
  if (named) return PREDECESSORS[named];
  const at = oldPorts.find(({ door, port }) => door === 'rest' && port === raw.socket.localPort);
  return at && PREDECESSORS[at.platform as PredecessorName];
}
