import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Caller } from '../callers/caller.js';
import type { Permission } from '../actions/caller.js';
import {
  type Carrier,
  findCarrier,
  noteCaller,
  type RestRequestLike,
} from '../journal/audit.interceptor.js';
import type { FastifyRequest } from 'fastify';
import type { Metadata } from '@grpc/grpc-js';
import { refuse } from '../actions/door-refusal.js';
import { requirePermissionOf } from '../callers/permissions.js';
import { BudgetSpent, CallerBudgets } from '../safeguards/caller-budgets.js';
import { noteCounted } from './refused-requests.js';
import { Entrance } from './entrance.js';
import { enterGrpc } from './grpc/doorkeeper.js';
import { readRestVisitor } from './rest/visitor.js';
import { EarlierCallers } from './predecessors/earlier-callers.js';
import {
  EARLIER_DOOR,
  type EarlierDoorMark,
  readEarlierCredentials,
} from './predecessors/earlier-door.js';

const PUBLIC = 'gateway:public';
const PERMISSION = 'gateway:permission';
const WEIGHT = 'gateway:weight';
const TAKES_KEY = 'gateway:takes-idempotency-key';

/** Lets anybody in: health, documentation, the token door. */
export const Public = () => SetMetadata(PUBLIC, true);

/** Lets in who has one of the permissions. Actions themselves are checked by the recipe, envelope by envelope. */
export const Requires = (...permissions: readonly Permission[]) =>
  SetMetadata(PERMISSION, permissions);

/**
 * What a request of this handler weighs in the budget of its caller; without it, 1. 0 stands where the recipe
 * counts every envelope by itself.
 */
export const Weighs = (weight: number) => SetMetadata(WEIGHT, weight);
/** The handler does what the Idempotency-Key header asks; on other POST routes the header is refused. */
export const TakesIdempotencyKey = () => SetMetadata(TAKES_KEY, true);

/** What decorators say of who may come in to a handler. */
interface Marks {
  readonly isPublic: boolean;
  readonly earlierDoor: EarlierDoorMark | undefined;
  readonly permissions: readonly Permission[] | undefined;
  readonly weight: number;
  readonly takesKey: boolean;
}

/** A handler and the class it belongs to, which decorators left their marks on. */
export type Places = Parameters<Reflector['getAllAndOverride']>[1];

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
    private readonly budgets: CallerBudgets,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const marks = this.#readMarks([context.getHandler(), context.getClass()]);
    if (marks.isPublic) return true;
    const carrier = findCarrier(context);
    if (!marks.takesKey) refuseIdempotencyKey(carrier);
    const caller = this.#letIn(marks, carrier, context.getArgs<unknown[]>()[0]);
    noteCaller(carrier, caller);
    if (marks.weight === 0) return true;
    noteCounted(carrier);
    return this.#spend(caller, marks.weight);
  }

  /** @throws BudgetSpent */
  #spend({ identity, requestsPerMinute }: Caller, weight: number): true | Promise<true> {
    const spending = this.budgets.spend(identity, requestsPerMinute, weight);
    if (!spending) return true;
    return spending.then(
      () => true,
      (error: unknown) => {
        // Without a database nothing is counted, and what needs it says so itself.
        if (error instanceof BudgetSpent) throw error;
        return true;
      },
    );
  }

  /**
   * Stands before a handler of REST that no pipeline of Nest stands before.
   * @returns the caller of a request. @throws DoorRefusal
   */
  standBefore(places: Places): (request: FastifyRequest) => Caller {
    const marks = this.#readMarks(places);
    return (request) => this.#letIn(marks, request as unknown as RestRequestLike, undefined);
  }

  #readMarks(places: Places): Marks {
    return {
      isPublic: this.reflector.getAllAndOverride<boolean>(PUBLIC, places) === true,
      earlierDoor: this.reflector.getAllAndOverride<EarlierDoorMark>(EARLIER_DOOR, places),
      takesKey: this.reflector.getAllAndOverride<boolean>(TAKES_KEY, places) === true,
      permissions: this.reflector.getAllAndOverride<readonly Permission[]>(PERMISSION, places),
      weight: this.reflector.getAllAndOverride<number>(WEIGHT, places) ?? 1,
    };
  }

  #letIn({ earlierDoor, permissions }: Marks, carrier: Carrier, message: unknown): Caller {
    const earlier = earlierDoor && readEarlierCredentials(earlierDoor, carrier, message);
    const caller = earlier ? this.earlierCallers.identify(earlier) : this.#enter(carrier);
    // Also for what is refused below: it counts, too.
    noteCaller(carrier, caller);
    if (permissions) requirePermissionOf(caller, permissions);
    return caller;
  }

  #enter(carrier: Carrier): Caller {
    return 'metadata' in carrier
      ? this.#enterGrpc(carrier as unknown as GrpcCall)
      : this.#enterRest(carrier as unknown as FastifyRequest);
  }

  /** Read already by the doorkeeper, where the service is ours. */
  #enterGrpc(call: GrpcCall): Caller {
    return enterGrpc(this.entrance, call.metadata);
  }

  #enterRest(request: FastifyRequest): Caller {
    return this.entrance.enter(request, () => readRestVisitor(request));
  }
}

/**
 * A repeat of a POST that does not look at the key would be done again, which is not what was asked for.
 * PUT and DELETE are the same twice as once, so there the key changes nothing.
 * @throws DoorRefusal
 */
function refuseIdempotencyKey(carrier: Carrier): void {
  if (!('headers' in carrier) || carrier.headers['idempotency-key'] === undefined) return;
  if ((carrier as unknown as FastifyRequest).method !== 'POST') return;
  throw refuse.malformed(
    'Idempotency-Key is not supported on this route: leave the header out, and look what there is before a repeat',
  );
}
