import { Injectable } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { ModuleRef } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AuditInterceptor, type RestRequestLike } from '../../journal/audit.interceptor.js';
import { CallerGuard, type Places } from '../caller.guard.js';
import { DoorFilter } from '../door.filter.js';
import { ActionsController } from './actions.controller.js';

/** Answers a request, and has sent the answer when it ends. @throws for the filter */
type Handle = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/**
 * The routes that carry actions, handed to their controller by hand: Nest's pipeline costs more than the
 * rest of the door. What stands in it is called here in its order: guard, interceptor, handler, filter.
 * Every other route goes through Nest as usual.
 */
@Injectable()
export class DirectRoutes {
  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly guard: CallerGuard,
    private readonly audit: AuditInterceptor,
    private readonly filter: DoorFilter,
  ) {}

  /**
   * Puts these handlers in the place of Nest's, when Nest adds its routes.
   * @param instance the Fastify instance below Nest, before its routes are there
   */
  bind(instance: FastifyInstance): void {
    const handlers = this.#describe();
    instance.addHook('onRoute', (route) => {
      const handle = route.method === 'POST' ? handlers.get(route.url) : undefined;
      if (handle) route.handler = handle;
    });
  }

  /** By the paths that their decorators say. */
  #describe(): ReadonlyMap<string, Handle> {
    const controller = this.moduleRef.get(ActionsController);
    const { execute, batch } = ActionsController.prototype;
    return new Map([
      this.#answer(execute, (request, reply) => {
        const { 'idempotency-key': key } = request.headers;
        return controller.execute(request.body, key as string | undefined, request, reply);
      }),
      this.#answer(batch, async (request, reply) => {
        const { 'idempotency-key': key } = request.headers;
        const answer = await controller.batch(request.body, key as string | undefined, request);
        void reply.status(200).send(answer);
      }),
    ]);
  }

  /** @returns the path, and who answers there */
  #answer(method: Places[number], handle: Handle): [path: string, handle: Handle] {
    const letIn = this.guard.standBefore([method, ActionsController]);
    const answer: Handle = async (request, reply) => {
      let end: (() => void) | undefined;
      try {
        end = this.audit.openRestCall(request as unknown as RestRequestLike, letIn(request));
        await handle(request, reply);
        return undefined;
      } catch (error) {
        this.filter.answerRest(error, reply);
        // The answer may leave later: Fastify waits for it.
        return reply;
      } finally {
        end?.();
      }
    };
    return [`/${readPath(ActionsController)}/${readPath(method)}`, answer];
  }
}

function readPath(place: Places[number]): string {
  return String(Reflect.getMetadata(PATH_METADATA, place));
}
