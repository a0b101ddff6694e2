import { isAscii } from 'node:buffer';
import { join } from 'node:path';
import type { Outcome, PreparedCall } from '../../actions/outcome.js';
import type { ChangedAction } from '../../journal/action-changes.js';
import { ROOT } from '../../config/root.js';
import type { ActionDescription } from '../../execution/catalogue.js';
import { decodeStruct, encodeStruct, type ProtoStruct } from './struct.js';

export const PACKAGE = 'action_gateway.v1';
/** @public the bench speaks it as well */
export const SERVICE = 'ActionGateway';
/** The service with its package, as paths of calls begin. */
export const SERVICE_NAME = `${PACKAGE}.${SERVICE}`;

/** The folder of the .proto files. */
export const PROTO_DIR = join(ROOT, 'proto');
export const PROTO_FILE = 'action_gateway/v1/action_gateway.proto';

/** How messages look in memory; the codec below counts on it. */
export const LOADER_OPTIONS = {
  keepCase: true,
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
  arrays: true,
  includeDirs: [PROTO_DIR],
};

export interface ProtoActionRequest {
  readonly platform: string;
  readonly action_type: string;
  readonly account_id: string;
  readonly parameters: ProtoStruct | null;
  readonly idempotency_key: string;
  readonly request_id: string;
  readonly dry_run: boolean;
  readonly run_async: boolean;
  readonly run_at: { readonly seconds: string; readonly nanos: number } | null;
  readonly callback_url: string;
  readonly priority: string;
  readonly actor_id: string;
  readonly credential_ref: string;
}

/** Which changes of actions are watched. */
export interface ProtoWatchRequest {
  readonly last_event_id: string;
  readonly platform: string;
  readonly account_id: string;
  readonly action_type: string;
  readonly status: readonly string[];
}

/** The envelope in a request, as the recipe reads it from any door. */
export function decodeRequest(request: ProtoActionRequest): Record<string, unknown> {
  // Written out: copies by spreading cost more than all else here.
  const envelope = {
    platform: request.platform,
    action_type: request.action_type,
    account_id: request.account_id,
    idempotency_key: request.idempotency_key,
    request_id: request.request_id,
    dry_run: request.dry_run,
    run_async: request.run_async,
    callback_url: request.callback_url,
    priority: request.priority,
    actor_id: request.actor_id,
    credential_ref: request.credential_ref,
    parameters: decodeStruct(request.parameters),
  } satisfies Record<Exclude<keyof ProtoActionRequest, 'run_at'>, unknown>;
  return request.run_at ? { ...envelope, run_at: decodeTimestamp(request.run_at) } : envelope;
}

/** A time outside of what a Date can hold is handed on as text, and refused by its field. */
function decodeTimestamp({ seconds, nanos }: { seconds: string; nanos: number }): string {
  const date = new Date(Number(seconds) * 1_000 + nanos / 1_000_000);
  return Number.isNaN(date.getTime()) ? `${seconds} seconds` : date.toISOString();
}

/** An outcome as ActionResponse. */
export function encodeOutcome(outcome: Outcome): object {
  const { prepared } = outcome;
  return {
    success: outcome.success,
    message: outcome.message,
    action_id: outcome.action_id,
    result_data: encodeStruct(outcome.result_data),
    error: outcome.error,
    status: outcome.status,
    failure: outcome.failure,
    replayed: outcome.replayed,
    request_id: outcome.request_id,
    prepared: prepared && {
      ...prepared,
      ...encodeCall(prepared),
      reads: prepared.reads.map(encodeCall),
      following: prepared.following.map(encodeCall),
    },
    sandbox: outcome.sandbox,
  } satisfies Record<keyof Outcome, unknown>;
}

function encodeCall({ body, ...plain }: PreparedCall): object {
  return { ...plain, ...(body && { body: encodeStruct(body) }) };
}

/** A change of an action as ActionChange. */
export function encodeChange(action: ChangedAction): object {
  return {
    ...action,
    failure: action.failure,
    batch_id: action.batch_id ?? '',
    received_at: encodeTimestamp(action.received_at),
    run_at: encodeTimestamp(action.run_at),
    started_at: encodeTimestamp(action.started_at),
    finished_at: encodeTimestamp(action.finished_at),
  } satisfies Record<keyof ChangedAction, unknown>;
}

function encodeTimestamp(time: string | null): object | null {
  if (time === null) return null;
  const ms = Date.parse(time);
  return { seconds: String(Math.floor(ms / 1_000)), nanos: (ms % 1_000) * 1_000_000 };
}

/** A description as ActionDescription. */
export function encodeDescription({
  input_schema,
  output_schema,
  example,
  ...plain
}: ActionDescription): object {
  return {
    ...plain,
    input_schema: encodeStruct(toJson(input_schema)),
    output_schema: encodeStruct(toJson(output_schema)),
    example: {
      input: encodeStruct(toJson(example.input)),
      output: encodeStruct(toJson(example.output)),
    },
  };
}

function toJson(values: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(values)) as Record<string, unknown>;
}

const REPLACEMENT = '\uFFFD';
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT);
/** Half of a surrogate pair: no valid text holds it, so the recipe refuses its field by name. */
const NOT_TEXT = '\uD800';

/**
 * The protobuf library reads invalid UTF-8 as U+FFFD without an error. If a message contains more of them
 * than its bytes, text was damaged: it is marked, so that its field is refused and not sent.
 */
export function markDamagedText<Message>(bytes: Buffer, message: Message): Message {
  // What is ASCII from end to end holds no other text.
  if (isAscii(bytes)) return message;
  const spelled = countBytes(bytes);
  if (countReplacements(message) <= spelled) return message;
  return replaceIn(message) as Message;
}

function countBytes(bytes: Buffer): number {
  let count = 0;
  for (
    let at = bytes.indexOf(REPLACEMENT_BYTES);
    at >= 0;
    at = bytes.indexOf(REPLACEMENT_BYTES, at + 3)
  )
    count += 1;
  return count;
}

function countReplacements(value: unknown): number {
  if (typeof value === 'string')
    return value.includes(REPLACEMENT) ? value.split(REPLACEMENT).length - 1 : 0;
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  for (const name of Object.keys(value))
    count += countReplacements(name) + countReplacements((value as Record<string, unknown>)[name]);
  return count;
}

function replaceIn(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(REPLACEMENT, NOT_TEXT);
  if (Array.isArray(value)) return value.map(replaceIn);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.replaceAll(REPLACEMENT, NOT_TEXT),
      replaceIn(inner),
    ]),
  );
}
