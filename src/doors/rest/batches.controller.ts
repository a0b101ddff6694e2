import { Controller } from '@nestjs/common';
import { ActionReader, type BatchProgress } from '../action-reader.js';
import { STATUS } from '../contracts/action-schemas.js';
import { Uuid } from '../door/fields.js';
import { json, Route, type RouteRequest } from '../door/route.js';
import { defineObject, UUID_TEXT, WHOLE } from '../door/schema.js';

class BatchPath {
  @Uuid('As the answer to the batch gave it')
  batch_id!: string;
}

const BATCH_PROGRESS = defineObject<BatchProgress>('BatchProgress', {
  batch_id: UUID_TEXT,
  total: { ...WHOLE, minimum: 1 },
  finished: { ...WHOLE, minimum: 0, description: 'Neither waiting nor running any more' },
  progress: { type: 'number', minimum: 0, maximum: 1 },
  by_status: { type: 'object', propertyNames: STATUS, additionalProperties: WHOLE },
});

/** How far batches are. */
@Controller()
export class BatchesController {
  constructor(private readonly reader: ActionReader) {}

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
