import { type ServerWritableStream, status } from '@grpc/grpc-js';
import type { DoorRefusal } from '../../actions/door-refusal.js';
import type { Caller } from '../../callers/caller.js';
import type { CallerTokens } from '../../callers/caller-tokens.js';
import { writePosition } from '../../journal/change-position.js';
import type { ActionWatch, ActionWatches, WatchEvent } from '../action-watches.js';
import { encodeChange, type ProtoWatchRequest } from './contract.js';
import { nothingSent } from './nothing-sent.js';

type WatchStream = ServerWritableStream<ProtoWatchRequest, object>;

const KINDS = { ready: 'READY', action: 'ACTION', reset: 'RESET', heartbeat: 'HEARTBEAT' } as const;

/** Writes changes of actions to a call until either side ends it. @throws DoorRefusal before the first */
export async function watchActions(
  watches: ActionWatches,
  tokens: CallerTokens,
  stream: WatchStream,
  caller: Caller,
): Promise<void> {
  const { last_event_id: lastEventId, status: statuses, ...named } = stream.request;
  const { platform, account_id, action_type } = named;
  const filter = {
    platform: platform || undefined,
    account_id: account_id || undefined,
    action_type: action_type || undefined,
    statuses: statuses.length > 0 ? new Set(statuses) : undefined,
  };
  let watch: ActionWatch | undefined;
  const sink = {
    write: (event: WatchEvent): boolean =>
      stream.cancelled || stream.destroyed || stream.write(encodeEvent(event)),
    end: (refusal?: DoorRefusal): void => endStream(stream, refusal),
  };
  const authenticateAgain = (): Caller => tokens.read(stream.metadata.get('authorization')[0]);
  watch = await watches.open({ caller, authenticateAgain, filter, lastEventId }, sink);
  const leave = (): void => watch.end();
  stream
    .on('drain', () => watch.resume())
    .on('cancelled', leave)
    .on('close', leave);
  if (stream.cancelled) leave();
}

function encodeEvent(event: WatchEvent): object {
  return {
    id: writePosition(event.position),
    kind: KINDS[event.kind],
    ...(event.kind === 'action' && { action: encodeChange(event.change.action) }),
  };
}

function endStream(stream: WatchStream, refusal: DoorRefusal | undefined): void {
  if (stream.cancelled || stream.destroyed) return;
  stream.emit('error', {
    code: refusal ? status[refusal.grpc] : status.UNAVAILABLE,
    details: refusal?.message ?? 'The gateway is stopping: connect again with the last event id',
    metadata: nothingSent(),
  });
}
