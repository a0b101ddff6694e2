import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Caller, Permission } from '../actions/caller.js';
import { findCarrier, noteCaller } from '../audit/audit.interceptor.js';
import type { FastifyRequest } from 'fastify';
import type { Metadata } from '@grpc/grpc-js';
import { requirePermissionOf } from './caller-tokens.js';
import { Entrance } from './entrance.js';
import { enterGrpc } from './grpc/doorkeeper.js';
import { readRestVisitor } from './rest/server.js';
import { EarlierCallers } from './predecessors/earlier-callers.js';
import {
  EARLIER_DOOR,
  type EarlierDoorMark,
  readEarlierCredentials,
} from './predecessors/earlier-door.js';

const PUBLIC = 'gateway:public';
const PERMISSION = 'gateway:permission';

/** Lets anybody in: health, documentation, the token door. */
export const Public = () => SetMetadata(PUBLIC, true);

/** Lets in who has one of the permissions. Actions themselves are checked by the recipe, envelope by envelope. */
export const Requires = (...permissions: readonly Permission[]) =>
  SetMetadata(PERMISSION, permissions);

/** What both kinds of gRPC calls have. */
interface GrpcCall {
  readonly metadata: Metadata;
  getPeer(): string;
}

/** Stands before every handler of both doors: who asks is known from the credential, or nobody gets in. */
@Injectable()
export class CallerGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly entrance: Entrance,
    private readonly earlierCallers: EarlierCallers,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const places = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, places)) return true;
    const earlierDoor = this.reflector.getAllAndOverride<EarlierDoorMark>(EARLIER_DOOR, places);
    const earlier = earlierDoor && readEarlierCredentials(earlierDoor, context);
    const caller = earlier ? this.earlierCallers.identify(earlier) : this.#enter(context);
    const permissions = this.reflector.getAllAndOverride<readonly Permission[]>(PERMISSION, places);
    if (permissions) requirePermissionOf(caller, permissions);
    noteCaller(context, caller);
    return true;
  }

  #enter(context: ExecutionContext): Caller {
    const carrier = findCarrier(context);
    return 'metadata' in carrier
      ? this.#enterGrpc(carrier as unknown as GrpcCall)
      : this.#enterRest(carrier as unknown as FastifyRequest);
  }

  /** Read already by the doorkeeper, where the service is ours. */
  #enterGrpc(call: GrpcCall): Caller {
    return enterGrpc(this.entrance, call.metadata, call);
  }

  #enterRest(request: FastifyRequest): Caller {
    return this.entrance.enter(request, () => readRestVisitor(request));
  }
}
