import { Readable } from 'node:stream';
import { Controller } from '@nestjs/common';
import { List, Text } from '../../actions/fields.js';
import { writePosition } from '../../journal/change-position.js';
import { type ActionWatch, ActionWatches, type WatchEvent } from '../action-watches.js';
import { CallerAuthentication } from '../caller-authentication.js';
import { STATUS_MEANINGS } from '../contracts/status-meanings.js';
import { Route, type RouteRequest, typed } from '../door/route.js';

/** Bytes that wait for a reader; what does not fit stays in the log. */
const MOST_WAITING_BYTES = 65_536;
/** How soon a browser connects again, in milliseconds. */
const RETRY_MS = 1_000;

/** Which changes are wanted. */
class StreamQuery {
  @Text('On this platform', { optional: true, max: 255 })
  platform?: string;

  @Text('In the name of this account', { optional: true, max: 255 })
  account_id?: string;

  @Text('Of this type', { optional: true, max: 255 })
  action_type?: string;

  @List('With one of these statuses after the change', {
    optional: true,
    unique: true,
    minItems: 1,
    choices: Object.keys(STATUS_MEANINGS),
  })
  status?: string[];

  @Text(
    'The id of the last event that was read, for clients that cannot send it as Last-Event-ID',
    { optional: true, max: 64 },
  )
  last_event_id?: string;
}

/** Changes of actions as they happen. */
@Controller()
export class StreamController {
  constructor(
    private readonly watches: ActionWatches,
    private readonly authentication: CallerAuthentication,
  ) {}

  @Route({
    method: 'GET',
    path: '/api/v1/actions/stream',
    tag: 'Actions',
    summary: 'Tell every change of the actions within reach as it happens',
    description:
      'Server-sent events. `action` has an action as it is after a change, without its parameters and ' +
      'result; `ready` begins the stream; `reset` says that events of before mean nothing any more, so ' +
      'that the log has to be read again; `end` says why the stream ends. After a cut, send the id of the ' +
      'last event as `Last-Event-ID`, to any replica: nothing is left out. Comments keep the connection ' +
      'open and bring a newer id. An action that changes several times within a fraction of a second is ' +
      'told once, as it is then. Reads without a row in the log are not told. Own actions need no ' +
      'permission, those of others `read_audit`.',
    needs: 'caller',
    weight: 5,
    query: StreamQuery,
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    },
    answers: { 200: typed('Server-sent events', 'text/event-stream') },
  })
  async streamActions({
    caller,
    query,
    request,
    reply,
  }: RouteRequest<{ query: StreamQuery }>): Promise<void> {
    // Fastify serves HEAD by this handler too; there is nothing to wait for.
    if (request.method === 'HEAD') return void reply.send('');
    const { platform, account_id, action_type, status, last_event_id = '' } = query;
    const statuses = status && new Set(status);
    const header = request.headers['last-event-id'];
    const lastEventId = typeof header === 'string' && header !== '' ? header : last_event_id;
    let watch: ActionWatch | undefined;
    const stream = new Readable({
      highWaterMark: MOST_WAITING_BYTES,
      read: () => watch?.resume(),
      destroy: (error, done) => {
        watch?.end();
        done(error);
      },
    });
    watch = await this.watches.open(
      {
        caller,
        authenticateAgain: () => this.authentication.authenticateAgain(request),
        filter: { platform, account_id, action_type, statuses },
        lastEventId,
      },
      {
        write: (event) => stream.push(describeEvent(event)),
        end: (refusal) => {
          if (stream.destroyed) return;
          const data = JSON.stringify({ error: refusal?.message ?? 'The gateway is stopping' });
          stream.push(`event: end\ndata: ${data}\n\n`);
          stream.push(null);
        },
      },
    );
    void reply.send(stream);
  }
}

/** @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
function describeEvent(event: WatchEvent): string {
  const id = `id: ${writePosition(event.position)}\n`;
  if (event.kind === 'heartbeat') return `: nothing happened\n${id}\n`;
  if (event.kind !== 'action') return `retry: ${RETRY_MS}\n${id}event: ${event.kind}\ndata: {}\n\n`;
  return `${id}event: action\ndata: ${JSON.stringify(event.change.action)}\n\n`;
}
