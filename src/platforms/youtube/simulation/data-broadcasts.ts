import { type DataCall, DataRefusal, type DataResult, type DataRoutes } from './data-call.js';
import { FORCE_SSL, MANAGE, READ_ONLY } from './scopes.js';
import type { LifeCycle } from './resources.js';
import { STREAM } from './data-streams.js';
import { requireStored } from './stored.js';
import { type Broadcast, inventId, NO_PARTS } from './world.js';

const WRITE = [MANAGE, FORCE_SSL];
const READ = [...WRITE, READ_ONLY];
const PRIVACY: ReadonlySet<string> = new Set(['private', 'unlisted', 'public']);

/** Broadcasts: their life from ready to complete, and ad breaks. */
export const BROADCAST_ROUTES: DataRoutes = {
  'GET /liveBroadcasts': { scopes: READ, units: 1, handle: listBroadcasts },
  'POST /liveBroadcasts': { scopes: WRITE, units: 50, handle: insertBroadcast },
  'PUT /liveBroadcasts': { scopes: WRITE, units: 50, handle: updateBroadcast },
  'DELETE /liveBroadcasts': { scopes: WRITE, units: 50, handle: deleteBroadcast },
  'POST /liveBroadcasts/bind': { scopes: WRITE, units: 50, handle: bindBroadcast },
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

/** @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/insert */
function insertBroadcast(call: DataCall): DataResult {
  call.requireStreaming();
  const { title, monitor_enabled, parts } = readBroadcast(call);
  const id = inventId(8);
  const { broadcast } = call.world.addBroadcast({
    id,
    channel_id: call.channelId,
    title,
    life_cycle_status: 'created',
  });
  Object.assign(broadcast, { monitor_enabled, parts, stream_active: false });
  // A broadcast is a video of the same id.
  const video = call.world.addVideo({
    id,
    channel_id: call.channelId,
    snippet: { title, description: String(parts.snippet['description']), categoryId: '20' },
  });
  video.status.privacyStatus = String(parts.status['privacyStatus']);
  return showBroadcast(broadcast);
}

/**
 * Replaces every mutable property of the parts that are named.
 * @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/update
 */
function updateBroadcast(call: DataCall): DataResult {
  const broadcast = requireOwn(call, call.body.requireText('id', 'idRequired'));
  const { title, monitor_enabled, parts } = readBroadcast(call, broadcast);
  const named = call.parts;
  const isOver = broadcast.life_cycle_status === 'complete';
  const isMoving = broadcast.life_cycle_status === 'live' || isOver;
  if (named.has('contentDetails') && isMoving && monitor_enabled !== broadcast.monitor_enabled)
    throw new DataRefusal(
      403,
      'modificationNotAllowed',
      'The contentDetails can be changed only before the broadcast is on air.',
    );
  Object.assign(broadcast, { title, monitor_enabled, parts });
  return showBroadcast(broadcast);
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/delete */
function deleteBroadcast(call: DataCall): DataResult {
  const broadcast = requireOwn(call, call.requireQuery('id'));
  if (broadcast.life_cycle_status === 'live' || broadcast.life_cycle_status === 'testing')
    throw new DataRefusal(
      403,
      'liveBroadcastDeletionNotAllowed',
      'The broadcast cannot be deleted in its current status.',
    );
  call.world.broadcasts.delete(broadcast.id);
  call.world.chats.delete(broadcast.live_chat_id);
  call.world.videos.delete(broadcast.id);
  return undefined;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/bind */
function bindBroadcast(call: DataCall): DataResult {
  const broadcast = requireOwn(call, call.requireQuery('id'));
  const streamId = call.readQuery('streamId');
  if (broadcast.life_cycle_status === 'live' || broadcast.life_cycle_status === 'complete')
    throw new DataRefusal(
      403,
      'liveBroadcastBindingNotAllowed',
      'The broadcast cannot be bound in its current status.',
    );
  if (streamId !== undefined) requireStored(call, STREAM, streamId);
  broadcast.stream_id = streamId;
  broadcast.life_cycle_status = streamId === undefined ? 'created' : 'ready';
  return showBroadcast(broadcast);
}

/** The parts that a broadcast has now. @throws DataRefusal for what is not valid */
function readBroadcast({ body, parts: named, world }: DataCall, old?: Broadcast) {
  const parts = { ...(old?.parts ?? NO_PARTS) };
  let { title = '', monitor_enabled = true } = old ?? {};
  if (named.has('snippet')) {
    const snippet = body.within('snippet');
    title = snippet.requireText('title', 'titleRequired');
    const description = snippet.readText('description') ?? '';
    const scheduledStartTime = snippet.requireText(
      'scheduledStartTime',
      'scheduledStartTimeRequired',
    );
    const scheduledEndTime = snippet.readText('scheduledEndTime');
    if ([...title].length > 100 || /[<>]/.test(title))
      throw new DataRefusal(400, 'invalidTitle', 'The title must have 1 to 100 characters.');
    if ([...description].length > 5000 || /[<>]/.test(description))
      throw new DataRefusal(400, 'invalidDescription', 'The description is not valid.');
    const start = Date.parse(scheduledStartTime);
    if (Number.isNaN(start) || (!old && start < world.now()))
      throw new DataRefusal(400, 'invalidScheduledStartTime', 'The start must be in the future.');
    if (scheduledEndTime !== undefined && !(Date.parse(scheduledEndTime) > start))
      throw new DataRefusal(400, 'invalidScheduledEndTime', 'The end must follow the start.');
    parts.snippet = {
      description,
      scheduledStartTime: new Date(start).toISOString(),
      ...(scheduledEndTime !== undefined && { scheduledEndTime }),
    };
  }
  if (named.has('status')) {
    const status = body.within('status');
    const privacyStatus = status.requireText('privacyStatus', 'privacyStatusRequired');
    if (!PRIVACY.has(privacyStatus))
      throw new DataRefusal(400, 'invalidPrivacyStatus', 'The privacy status is not valid.');
    const isForKids = status.values['selfDeclaredMadeForKids'] === true;
    parts.status = { privacyStatus, madeForKids: isForKids, selfDeclaredMadeForKids: isForKids };
  }
  if (named.has('contentDetails')) {
    const details = body.within('contentDetails');
    const monitor = details.within('monitorStream').values;
    monitor_enabled = monitor['enableMonitorStream'] !== false;
    // What else is sent of them is shown from elsewhere.
    const rest = Object.entries(details.values).filter(
      ([name]) => name !== 'boundStreamId' && name !== 'monitorStream',
    );
    parts.contentDetails = {
      ...Object.fromEntries(rest),
      delay_ms: details.within('monitorStream').readInteger('broadcastStreamDelayMs') ?? 0,
    };
  }
  return { title, monitor_enabled, parts };
}

/** Whence each status can be reached; with a monitor stream the way on air is through the test. */
function mayMove({ life_cycle_status: from, monitor_enabled }: Broadcast, to: string): boolean {
  if (to === 'testing') return from === 'ready' && monitor_enabled;
  if (to === 'live') return from === (monitor_enabled ? 'testing' : 'ready');
  return from === 'live';
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/transition */
function moveBroadcast(call: DataCall): DataResult {
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
  call.requireStreaming();
  return broadcast;
}

function showBroadcast(broadcast: Broadcast, lifeCycleStatus?: string): object {
  const { parts, stream_id } = broadcast;
  const { delay_ms = 0, ...details } = parts.contentDetails;
  return {
    kind: 'youtube#liveBroadcast',
    id: broadcast.id,
    snippet: {
      channelId: broadcast.channel_id,
      title: broadcast.title,
      publishedAt: '2026-01-01T00:00:00Z',
      isDefaultBroadcast: false,
      liveChatId: broadcast.live_chat_id,
      ...parts.snippet,
    },
    status: {
      recordingStatus: broadcast.life_cycle_status === 'live' ? 'recording' : 'notRecording',
      ...parts.status,
      lifeCycleStatus: lifeCycleStatus ?? broadcast.life_cycle_status,
    },
    contentDetails: {
      ...details,
      ...(stream_id !== undefined && { boundStreamId: stream_id }),
      monitorStream: {
        enableMonitorStream: broadcast.monitor_enabled,
        broadcastStreamDelayMs: delay_ms,
      },
    },
  };
}
