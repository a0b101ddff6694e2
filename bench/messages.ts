import { join } from 'node:path';
import protobuf from 'protobufjs';
import { PACKAGE, PROTO_DIR, PROTO_FILE } from '#gateway/doors/grpc/contract.js';
import { encodeStruct } from '#gateway/doors/grpc/struct.js';

const root = protobuf.loadSync(join(PROTO_DIR, PROTO_FILE));
const ActionRequest = root.lookupType(`${PACKAGE}.ActionRequest`);
const BatchRequest = root.lookupType(`${PACKAGE}.BatchRequest`);
const ActionResponse = root.lookupType(`${PACKAGE}.ActionResponse`);
const BatchResponse = root.lookupType(`${PACKAGE}.BatchResponse`);

/** An envelope as any door takes it. */
export interface BenchEnvelope {
  readonly platform: string;
  readonly action_type: string;
  readonly account_id: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly idempotency_key?: string;
  readonly request_id?: string;
  readonly dry_run?: boolean;
}

export function encodeAction(envelope: BenchEnvelope): Buffer {
  return Buffer.from(ActionRequest.encode(toMessage(envelope)).finish());
}

export function encodeBatch(envelopes: readonly BenchEnvelope[]): Buffer {
  const actions = envelopes.map(toMessage);
  return Buffer.from(BatchRequest.encode({ actions }).finish());
}

/** What was a yes is counted; anything else is told. @throws Error with the answer's own words */
export function requireSuccess(answer: Buffer): number {
  if (isSuccess(answer)) return 1;
  const { error } = ActionResponse.decode(answer) as unknown as { error: string };
  throw new Error(error);
}

/** `success`, the first field, is written first and only when it is true. */
export function isSuccess(answer: Buffer): boolean {
  return answer[0] === 0x08 && answer[1] === 0x01;
}

/** @throws Error with the words of the first that failed */
export function requireSuccesses(answer: Buffer): number {
  const batch = BatchResponse.decode(answer) as unknown as {
    successCount: number;
    responses: { success: boolean; error: string }[];
  };
  const failed = batch.responses.find(({ success }) => !success);
  if (failed) throw new Error(failed.error);
  return batch.successCount;
}

function toMessage({ parameters, ...envelope }: BenchEnvelope): protobuf.Message {
  const { platform, action_type, account_id, idempotency_key, request_id, dry_run } = envelope;
  return ActionRequest.create({
    platform,
    actionType: action_type,
    accountId: account_id,
    parameters: encodeStruct(parameters),
    ...(idempotency_key !== undefined && { idempotencyKey: idempotency_key }),
    ...(request_id !== undefined && { requestId: request_id }),
    ...(dry_run !== undefined && { dryRun: dry_run }),
  });
}
