import { Controller } from '@nestjs/common';
import { Integer, Text } from '../../actions/fields.js';
import { ActionReader, type BatchProgress, type ListedBatch } from '../action-reader.js';
import { STATUS } from '../contracts/action-schemas.js';
import { Uuid } from '../door/fields.js';
import { json, Route, type RouteRequest } from '../door/route.js';
import { defineObject, type Members, TEXT, TIME, UUID_TEXT, WHOLE } from '../door/schema.js';
import { PageCursors } from '../page-cursors.js';

class BatchPath {
  @Uuid('As the answer to the batch gave it')
  batch_id!: string;
}

class ListBatches {
  @Text('Goes on where a list ended, with its `next_cursor`', { optional: true, max: 64 })
  cursor?: string;

  @Integer('How many at most', { min: 1, max: 100, default: 50 })
  limit!: number;
}

interface BatchPage {
  readonly batches: readonly ListedBatch[];
  readonly next_cursor: string;
}

const PROGRESS: Members<BatchProgress> = {
  batch_id: UUID_TEXT,
  total: { ...WHOLE, minimum: 1 },
  finished: { ...WHOLE, minimum: 0, description: 'Neither waiting nor running any more' },
  progress: { type: 'number', minimum: 0, maximum: 1 },
  by_status: { type: 'object', propertyNames: STATUS, additionalProperties: WHOLE },
};

const BATCH_PROGRESS = defineObject<BatchProgress>('BatchProgress', PROGRESS);

const BATCH_PAGE = defineObject<BatchPage>('Batches', {
  batches: {
    type: 'array',
    items: defineObject<ListedBatch>('ListedBatch', { ...PROGRESS, created_at: TIME }),
  },
  next_cursor: { ...TEXT, description: 'Empty at the end' },
});

const CURSOR_LIST = 'batches';

/** How far batches are. */
@Controller()
export class BatchesController {
  constructor(
    private readonly reader: ActionReader,
    private readonly cursors: PageCursors,
  ) {}

  @Route({
    method: 'GET',
    path: '/api/v1/batches',
    tag: 'Actions',
    summary: 'List batches: one’s own, or all with the permission read_audit',
    needs: 'caller',
    weight: 5,
    query: ListBatches,
    answers: { 200: json('Batches with their progress, the latest first', BATCH_PAGE) },
  })
  async listBatches({
    caller,
    query: { cursor, limit },
  }: RouteRequest<{ query: ListBatches }>): Promise<BatchPage> {
    const before = cursor && this.cursors.read(cursor, CURSOR_LIST);
    const batches = await this.reader.listBatches(caller, before, limit);
    const last = batches.length < limit ? undefined : batches.at(-1);
    return { batches, next_cursor: last ? this.cursors.write(last.batch_id, CURSOR_LIST) : '' };
  }

  @Route({
    method: 'GET',
    path: '/api/v1/batches/:batch_id',
    tag: 'Actions',
    summary: 'Show how far the actions of a batch are',
    needs: 'caller',
    params: BatchPath,
    answers: { 200: json('Its progress', BATCH_PROGRESS) },
  })
  getBatch({ params, caller }: RouteRequest<{ params: BatchPath }>): Promise<BatchProgress> {
    return this.reader.readBatch(params.batch_id, caller);
  }
}
