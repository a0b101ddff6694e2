import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Refusals } from './refusals.js';

/** Answers what Nest and Fastify refuse before a request reaches its handler, such as an unknown path. */
@Catch()
export class DoorFilter implements ExceptionFilter {
  constructor(private readonly refusals: Refusals) {}

  catch(error: unknown, host: ArgumentsHost): void {
    this.refusals.answerRest(error, host.switchToHttp().getResponse<FastifyReply>());
  }
}
