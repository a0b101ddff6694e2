import { Controller } from '@nestjs/common';
import { refuse } from '../../actions/door-refusal.js';
import { Flag, Integer, Text } from '../../actions/fields.js';
import { QueueControl, type QueueLine } from '../../queue/queue-control.js';
import { json, Route, type RouteRequest } from '../door/route.js';
import { defineObject, MOMENT, TEXT, WHOLE, YES_NO } from '../door/schema.js';

const LONGEST_LINE = 1_000;

class ListLines {
  @Text('Goes on where a list ended, with its `next_cursor`', {
    optional: true,
    max: LONGEST_LINE,
  })
  cursor?: string;

  @Integer('How many at most', { min: 1, max: 500, default: 100 })
  limit!: number;
}

class LinePath {
  @Text('The line, as the list has it; percent-encoded', { max: LONGEST_LINE })
  line!: string;
}

class PauseLine {
  @Flag('Whether its actions wait')
  paused!: boolean;

  @Text('Why, for others and for the history', { optional: true, max: 500 })
  reason?: string;
}

interface LinePage {
  readonly lines: readonly QueueLine[];
  readonly next_cursor: string;
}

const QUEUE_LINE = defineObject<QueueLine>(
  'QueueLine',
  {
    line: { ...TEXT, description: 'What must leave in order, such as one chat, has one line' },
    waiting: { ...WHOLE, description: 'Actions within the reach of the caller' },
    next_at: { ...MOMENT, description: 'When the first of them is due; null where none waits' },
    paused: YES_NO,
    reason: { ...TEXT, description: 'Why it is paused' },
    paused_by: { ...TEXT, description: 'The name of the caller that paused it' },
    paused_at: MOMENT,
  },
  [],
  'A line of waiting actions',
);

const LINE_PAGE = defineObject<LinePage>('QueueLines', {
  lines: { type: 'array', items: QUEUE_LINE },
  next_cursor: { ...TEXT, description: 'Empty at the end' },
});

/** The lines of the queue. */
@Controller()
export class QueueController {
  constructor(private readonly control: QueueControl) {}

  @Route({
    method: 'GET',
    path: '/api/v1/queue/lines',
    tag: 'Actions',
    summary:
      'List the lines in which actions wait: one’s own, or all with the permission read_audit',
    needs: 'caller',
    weight: 5,
    query: ListLines,
    answers: { 200: json('Lines by name', LINE_PAGE) },
  })
  async listLines({
    caller,
    query: { cursor = '', limit },
  }: RouteRequest<{ query: ListLines }>): Promise<LinePage> {
    const lines = await this.control.listLines(caller, cursor, limit);
    return { lines, next_cursor: lines.length < limit ? '' : (lines.at(-1)?.line ?? '') };
  }

  @Route({
    method: 'PUT',
    path: '/api/v1/queue/lines/:line',
    tag: 'Actions',
    summary: 'Pause a line, or let it go on',
    description:
      'The actions of a paused line wait at every replica. Takes the permission `execute_actions`, for the actions of other callers also `read_audit`, and the reach of every action that waits in the line.',
    needs: ['execute_actions'],
    params: LinePath,
    body: PauseLine,
    answers: { 200: json('The line as it is now', QUEUE_LINE) },
  })
  async setLine({
    caller,
    params: { line },
    body: { paused, reason = '' },
  }: RouteRequest<{ params: LinePath; body: PauseLine }>): Promise<QueueLine> {
    const changed = await this.control.setPaused(line, { paused, reason }, caller);
    if (changed === 'not found')
      throw refuse.notFound(
        'No such line has actions that wait within the reach of this caller; GET /api/v1/queue/lines lists those that have',
      );
    if (changed === 'out of reach')
      throw refuse.forbidden(
        `Caller "${caller.name}" does not reach every action that waits in this line, and may not pause it`,
      );
    return changed;
  }
}
