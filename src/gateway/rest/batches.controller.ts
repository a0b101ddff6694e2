import { Controller, Get, Param, Req, UseInterceptors } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AuditInterceptor, openedCall } from '../../journal/audit.interceptor.js';
import { ActionReader } from '../action-reader.js';

/** How far batches are. */
@Controller('api/v1/batches')
@UseInterceptors(AuditInterceptor)
export class BatchesController {
  constructor(private readonly reader: ActionReader) {}

  @Get(':batch_id')
  async show(@Param('batch_id') batchId: string, @Req() request: FastifyRequest): Promise<object> {
    return this.reader.readBatch(batchId, openedCall(request).caller);
  }
}
