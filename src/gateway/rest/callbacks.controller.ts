import {
  Controller,
  Get,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  UseInterceptors,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Choice, Integer, Text } from '../../actions/fields.js';
import { AuditInterceptor, openedCall } from '../../journal/audit.interceptor.js';
import {
  CALLBACK_STATES,
  type CallbackReport,
  Callbacks,
  type CallbackState,
} from '../../queue/callbacks.js';
import { requirePermissionOf } from '../../callers/permissions.js';
import { requireUuid } from '../action-reader.js';
import { refuse } from '../../actions/door-refusal.js';
import { parseBody } from './body.js';

class ListCallbacks {
  @Choice('In which state', CALLBACK_STATES, { optional: true })
  state?: CallbackState;

  @Text('Where a list before ended', { optional: true, max: 64 })
  cursor?: string;

  @Integer('How many at most', { min: 1, max: 500, default: 100 })
  limit!: number;
}

/** Whom the gateway told what became of actions, and who did not take it. */
@Controller('api/v1/callbacks')
@UseInterceptors(AuditInterceptor)
export class CallbacksController {
  constructor(private readonly callbacks: Callbacks) {}

  @Get()
  async list(
    @Query() query: Record<string, string>,
    @Req() request: FastifyRequest,
  ): Promise<{ callbacks: CallbackReport[]; next_cursor: string }> {
    const wish = 'limit' in query ? { ...query, limit: Number(query['limit']) } : query;
    const { state, cursor, limit } = parseBody(ListCallbacks, wish);
    const page = { state, after: cursor, limit };
    const callbacks = await this.callbacks.list(openedCall(request).caller, page);
    const isWhole = callbacks.length < limit;
    return { callbacks, next_cursor: isWhole ? '' : (callbacks.at(-1)?.action_id ?? '') };
  }

  @Post(':action_id/replay')
  @HttpCode(202)
  async replay(
    @Param('action_id') actionId: string,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    requireUuid(actionId, 'action_id');
    const { caller } = openedCall(request);
    requirePermissionOf(caller, ['execute_actions']);
    if (!(await this.callbacks.replay(actionId.toLowerCase(), caller)))
      throw refuse.notFound(`No callback of ${actionId} is known that could be delivered again`);
    return { action_id: actionId, state: 'due' };
  }
}
