import { Metadata, type ServerUnaryCall } from '@grpc/grpc-js';
import { Controller, type Type } from '@nestjs/common';
import type { Outcome } from '../actions/outcome.js';
import { nameService } from '../doors/door/dialects.js';
import { Unary, type UnaryRequest } from '../doors/door/rpc.js';
import { type EarlierOptions, PredecessorEngine } from './engine.js';
import type { Asked, Predecessor } from './predecessor.js';

type UnaryCall = ServerUnaryCall<unknown, unknown>;

/** Makes the controller that offers the RPCs of an earlier service, as its table has them. */
export function makeGrpcController(predecessor: Predecessor): Type {
  @Controller()
  class PredecessorService {
    constructor(readonly engine: PredecessorEngine) {}
  }
  const { prototype } = PredecessorService;
  for (const operation of predecessor.operations) {
    const handle = async function (
      this: PredecessorService,
      { message: asked, call, unary }: UnaryRequest<Asked>,
    ): Promise<object> {
      const outcome = await this.engine.carryOut(
        predecessor,
        operation,
        asked,
        call,
        readRpcOptions(unary),
      );
      noteRpcOutcome(unary, outcome);
      return predecessor.answer(outcome, asked, operation);
    };
    const name = operation.rpc;
    Object.defineProperty(prototype, name, { value: handle, writable: true, configurable: true });
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
    // As the decorator does it, which cannot stand on what a table names.
    Unary({
      service: nameService(predecessor.grpc),
      method: name,
      needs: 'caller',
      weight: 0,
      dialect: predecessor.name,
    })(prototype, name, descriptor);
  }
  return PredecessorService;
}

/** What a caller says beside its request: a key of its own, or that it rehearses. */
export function readRpcOptions({ metadata }: Pick<UnaryCall, 'metadata'>): EarlierOptions {
  const [key] = metadata.get('idempotency-key');
  const [dryRun] = metadata.get('dry-run');
  return {
    ...(typeof key === 'string' && key !== '' && { idempotencyKey: key }),
    isDryRun: dryRun === 'true' || dryRun === '1',
  };
}

/** What the earlier messages have no place for: which action it was, and whether to try again. */
export function noteRpcOutcome(unary: UnaryCall, { action_id, status, failure }: Outcome): void {
  const metadata = new Metadata();
  metadata.set('action-id', action_id);
  metadata.set('action-status', status);
  if (failure) {
    metadata.set('failure-code', failure.code);
    metadata.set('retryable', String(failure.retryable));
    if (failure.retry_after_ms !== undefined)
      metadata.set('retry-after-ms', String(failure.retry_after_ms));
  }
  unary.sendMetadata(metadata);
}
