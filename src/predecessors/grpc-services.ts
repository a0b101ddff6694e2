import { Metadata, type ServerUnaryCall } from '@grpc/grpc-js';
import { Controller, type Type } from '@nestjs/common';
import type { Outcome } from '../actions/outcome.js';
import { nameService } from '../doors/door/dialects.js';
import { Unary, type UnaryRequest } from '../doors/door/rpc.js';
import { type EarlierOptions, PredecessorEngine } from './engine.js';
import type { EarlierRequest, Predecessor } from './predecessor.js';

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
      { message: asked, call, unary }: UnaryRequest<EarlierRequest>,
    ): Promise<object> {
      const outcome = await this.engine.carryOut(
        predecessor,
        operation,
        asked,
        call,
        readRpcOptions(unary),
      );
      sendOutcomeMetadata(unary, outcome);
      return predecessor.answer(outcome, asked, operation);
    };
    const name = operation.rpc;
    Object.defineProperty(prototype, name, { value: handle, writable: true, configurable: true });
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
    // Applies the decorator by hand, since the methods come from a table.
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

/** The idempotency key and the dry-run flag of a request. */
export function readRpcOptions({ metadata }: Pick<UnaryCall, 'metadata'>): EarlierOptions {
  const [key] = metadata.get('idempotency-key');
  const [dryRun] = metadata.get('dry-run');
  return {
    ...(typeof key === 'string' && key !== '' && { idempotencyKey: key }),
    isDryRun: dryRun === 'true' || dryRun === '1',
  };
}

/** Sends what the earlier messages have no field for: the action, its status, and whether to retry. */
export function sendOutcomeMetadata(
  unary: UnaryCall,
  { action_id, status, failure }: Outcome,
): void {
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
