import { type DataCall, DataRefusal, type DataResult, type DataRoutes } from './data-call.js';
import { FORCE_SSL, MANAGE, READ_ONLY } from './scopes.js';
import type { LifeCycle } from './resources.js';
import { type Broadcast, inventId } from './world.js';

const WRITE = [MANAGE, FORCE_SSL];
const READ = [...WRITE, READ_ONLY];

/** Broadcasts: their life from ready to complete, and ad breaks. */
export const BROADCAST_ROUTES: DataRoutes = {
  'GET /liveBroadcasts': { scopes: READ, units: 1, handle: listBroadcasts },
  'POST /liveBroadcasts/transition': { scopes: WRITE, units: 50, handle: moveBroadcast },
  'POST /liveBroadcasts/cuepoint': { scopes: WRITE, units: 50, handle: insertCuepoint },
};

const STATUSES: Readonly<Record<string, readonly LifeCycle[]>> = {
  active: ['testing', 'live'],
  all: ['created', 'ready', 'testing', 'live', 'complete'],
  completed: ['complete'],
  upcoming: ['created', 'ready'],
};

/** @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/list */
function listBroadcasts(call: DataCall): DataResult {
  call.requireParts('id', 'snippet', 'contentDetails', 'status');
  const filters = ['broadcastStatus', 'id', 'mine'].filter((name) => call.readQuery(name));
  if (filters.length !== 1)
    throw new DataRefusal(400, 'missingRequiredParameter', 'Exactly one filter must be given.');
  const status = call.readQuery('broadcastStatus') ?? 'all';
  const wanted = STATUSES[status];
  if (!wanted)
    throw new DataRefusal(400, 'invalid', `Invalid value at "broadcastStatus": ${status}`);
  const ids = call.readList('id');
  const found = [...call.world.broadcasts.values()].filter(
    ({ id, channel_id, life_cycle_status }) =>
      channel_id === call.channelId &&
      wanted.includes(life_cycle_status) &&
      (ids.length === 0 || ids.includes(id)),
  );
  return call.paginate(
    found.map((broadcast) => showBroadcast(broadcast)),
    50,
  );
}

/** Whence each status can be reached; with a monitor stream the way on air is through the test. */
function mayMove({ life_cycle_status: from, monitor_enabled }: Broadcast, to: string): boolean {
  if (to === 'testing') return from === 'ready' && monitor_enabled;
  if (to === 'live') return from === (monitor_enabled ? 'testing' : 'ready');
  return from === 'live';
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/transition */
function moveBroadcast(call: DataCall): DataResult {
  call.requireParts('id', 'snippet', 'contentDetails', 'status');
  const to = call.requireQuery('broadcastStatus');
  const broadcast = requireOwn(call, call.requireQuery('id'));
  if (to !== 'testing' && to !== 'live' && to !== 'complete')
    throw new DataRefusal(400, 'invalid', `Invalid value at "broadcastStatus": ${to}`);
  if (broadcast.life_cycle_status === to) {
    throw new DataRefusal(
      403,
      'redundantTransition',
      'The live broadcast is already in the requested status or processing it.',
    );
  }
  if (!mayMove(broadcast, to)) {
    throw new DataRefusal(
      403,
      'invalidTransition',
      "The live broadcast can't transition from its current status to the requested status.",
    );
  }
  if (to !== 'complete' && !broadcast.stream_active) {
    throw new DataRefusal(
      403,
      'errorStreamInactive',
      'The requested transition is not allowed when the stream that is bound to the broadcast is inactive.',
    );
  }
  broadcast.life_cycle_status = to;
  // The way on air takes YouTube a while, and the answer comes before its end.
  const said = { testing: 'testStarting', live: 'liveStarting', complete: 'complete' }[to];
  return showBroadcast(broadcast, said);
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/cuepoint */
function insertCuepoint(call: DataCall): DataResult {
  const broadcast = requireOwn(call, call.requireQuery('id'));
  const { body } = call;
  if (body.requireText('cueType', 'cueTypeRequired') !== 'cueTypeAd')
    throw new DataRefusal(400, 'invalid', 'Invalid value at "cueType"');
  const duration_seconds = body.readInteger('durationSecs') ?? 30;
  if (duration_seconds === 0)
    throw new DataRefusal(400, 'invalid', 'Invalid value at "durationSecs"');
  if (broadcast.life_cycle_status !== 'live')
    throw new DataRefusal(403, 'invalidState', 'The broadcast is not on air.');
  const cuepoint = { id: inventId(12), duration_seconds, at: call.world.now() };
  broadcast.cuepoints.push(cuepoint);
  return {
    id: cuepoint.id,
    cueType: 'cueTypeAd',
    durationSecs: duration_seconds,
  };
}

function requireOwn(call: DataCall, id: string): Broadcast {
  const broadcast = call.world.broadcasts.get(id);
  if (!broadcast)
    throw new DataRefusal(404, 'liveBroadcastNotFound', 'The broadcast cannot be found.');
  call.requireSelf(broadcast.channel_id);
  if (!call.world.channels.get(call.channelId)?.streaming_enabled) {
    throw new DataRefusal(
      403,
      'liveStreamingNotEnabled',
      'The user that authorized the request is not enabled to stream live video on YouTube.',
    );
  }
  return broadcast;
}

function showBroadcast(broadcast: Broadcast, lifeCycleStatus?: string): object {
  return {
    kind: 'youtube#liveBroadcast',
    id: broadcast.id,
    snippet: {
      channelId: broadcast.channel_id,
      title: broadcast.title,
      liveChatId: broadcast.live_chat_id,
    },
    status: { lifeCycleStatus: lifeCycleStatus ?? broadcast.life_cycle_status },
    contentDetails: { monitorStream: { enableMonitorStream: broadcast.monitor_enabled } },
  };
}
