import {
  answerError,
  answerJson,
  isRecord,
  saysJson,
  type Clock,
  type PlatformSimulation,
  type SandboxAnswer,
  type SandboxRequest,
} from './exchange.js';
import type { Faults } from './faults.js';
import { answerHelp } from './help.js';
import { renderPage } from './page.js';
import type { RequestLog } from './request-log.js';

const SHOWN_REQUESTS = 100;
/** Stands for a file of the internet, since nothing of the sandbox leaves the machine. */
const SAMPLE_FILE = 'A file to send along.\n';

/** A callback of the gateway: somebody of the outside world who wants to know what became of actions. */
interface ReceivedCallback {
  readonly headers: SandboxRequest['headers'];
  readonly body: string;
  readonly status: number;
}

const KEPT_CALLBACKS = 1_000;

/** What the control API works on. */
export interface ControlRoom {
  /** What was posted to `/sandbox/callbacks`, the newest last. */
  readonly callbacks: ReceivedCallback[];
  readonly platforms: readonly PlatformSimulation[];
  readonly log: RequestLog;
  readonly faults: Faults;
  readonly now: Clock;
  /** Moves the sandbox's clock forward. */
  advance(ms: number): void;
  /** Puts the clock back on the machine's. */
  resetClock(): void;
}

/** Answers below `/sandbox`, the path given without it; this API is ours and no platform's. */
export function answerControl(request: SandboxRequest, room: ControlRoom): SandboxAnswer {
  // A page of another origin can send text, but not JSON, without asking first.
  const isEvent = /^application\/cloudevents\+json\b/i.test(request.headers['content-type'] ?? '');
  if (request.body !== '' && !isEvent && !saysJson(request.headers))
    return answerError(415, 'the content-type must be application/json');
  const [, first = '', rest = ''] = /^\/([^/]*)(.*)$/.exec(request.path) ?? [];
  const platform = room.platforms.find(({ name }) => name === first);
  const answer = platform
    ? platform.control({ ...request, path: rest })
    : answerRoom(request, room);
  return (
    answer ??
    answerError(
      404,
      `no such control call: ${request.method} /sandbox${request.path}; GET /sandbox/help lists them all`,
    )
  );
}

function answerRoom(request: SandboxRequest, room: ControlRoom): SandboxAnswer | undefined {
  const { platforms, log, faults } = room;
  switch (`${request.method} ${request.path}`) {
    case 'GET ':
    case 'GET /':
      return renderPage({
        platforms,
        requests: log.list(0, SHOWN_REQUESTS),
        faults: faults.list(),
      });
    case 'GET /help':
      return answerHelp(room.platforms);
    case 'GET /state':
      return answerJson(200, {
        now: new Date(room.now()).toISOString(),
        ...Object.fromEntries(platforms.map((platform) => [platform.name, platform.describe()])),
      });
    case 'GET /files/sample.txt':
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: SAMPLE_FILE };
    case 'GET /callbacks':
      return answerJson(200, { callbacks: room.callbacks });
    case 'POST /callbacks':
      return takeCallback(request, room);
    case 'GET /requests':
      return answerRequests(request, log);
    case 'GET /faults':
      return answerJson(200, { faults: faults.list() });
    case 'POST /faults': {
      const rule = faults.add(readJson(request.body));
      return typeof rule === 'string' ? answerError(400, rule) : answerJson(200, rule);
    }
    case 'DELETE /faults':
      faults.clear();
      return answerJson(200, { faults: [] });
    case 'POST /clock':
      return answerClock(request, room);
    case 'POST /reset':
      return answerReset(request, room);
    default:
      return undefined;
  }
}

/** Query `since`: requests after that sequence number. Answers `{requests, last}`. */
function answerRequests({ query }: SandboxRequest, log: RequestLog): SandboxAnswer {
  const since = Number(query.get('since') ?? 0);
  if (!Number.isInteger(since) || since < 0)
    return answerError(400, 'since must be a whole number from 0');
  return answerJson(200, { requests: log.list(since), last: log.last });
}

/** Body `{advance_ms}`: tokens expire, timeouts end and windows slide without waiting. */
function answerClock(request: SandboxRequest, room: ControlRoom): SandboxAnswer {
  const body = readJson(request.body);
  const ms = isRecord(body) ? body['advance_ms'] : undefined;
  if (typeof ms !== 'number' || !(ms >= 0) || !Number.isFinite(ms))
    return answerError(400, 'advance_ms must be a number from 0');
  room.advance(ms);
  return answerJson(200, { now: new Date(room.now()).toISOString() });
}

/** Body `{keep_grants?}`: everything as it was at the start; only the request numbers continue. */
function answerReset(request: SandboxRequest, room: ControlRoom): SandboxAnswer {
  const body = readJson(request.body);
  const keepGrants = isRecord(body) && body['keep_grants'] === true;
  room.resetClock();
  for (const platform of room.platforms) platform.reset({ keepGrants });
  room.faults.clear();
  room.log.clear();
  return answerJson(200, { reset: true });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A fault of the kind `status` for this path is what it answers, and then it was told nothing. */
function takeCallback(
  { headers, body }: SandboxRequest,
  { callbacks, faults }: ControlRoom,
): SandboxAnswer {
  const fault = faults.take('POST', '/sandbox/callbacks');
  const status = fault?.kind === 'status' ? fault.status : 204;
  callbacks.push({ headers, body, status });
  callbacks.splice(0, callbacks.length - KEPT_CALLBACKS);
  return { status, headers: {}, body: '' };
}
