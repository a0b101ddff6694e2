import type { WatchFilter } from './changes.js';
import type { WireEnvelope } from './transport.js';

/** google.protobuf.Struct as the loader gives it. */
interface Struct {
  readonly fields?: Readonly<Record<string, Value>>;
}

/** google.protobuf.Value: the member that `kind` names is set. */
interface Value {
  readonly kind?: string;
  readonly nullValue?: unknown;
  readonly numberValue?: number;
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly structValue?: Struct;
  readonly listValue?: { readonly values?: readonly Value[] };
}

interface Timestamp {
  readonly seconds: number | string;
  readonly nanos: number;
}

interface CallMessage {
  readonly method: string;
  readonly url: string;
  readonly body: Struct | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly files: readonly object[];
}

interface PreparedMessage extends CallMessage {
  readonly reads: readonly CallMessage[];
  readonly following: readonly CallMessage[];
}

interface FailureMessage {
  readonly retry_after_ms: number;
  readonly platform_status: number;
  readonly platform_code: string;
}

/** ActionResponse. */
export interface ResponseMessage {
  readonly result_data: Struct | null;
  readonly failure: FailureMessage | null;
  readonly prepared: PreparedMessage | null;
}

/** BatchResponse. */
export interface BatchMessage {
  readonly responses: readonly ResponseMessage[];
}

/** ActionEvent. */
export interface EventMessage {
  readonly id: string;
  readonly kind: string;
  readonly action: ChangeMessage | null;
}

interface ChangeMessage {
  readonly failure: FailureMessage | null;
  readonly batch_id: string;
  readonly received_at: Timestamp | null;
  readonly run_at: Timestamp | null;
  readonly started_at: Timestamp | null;
  readonly finished_at: Timestamp | null;
}

/** A time with its offset, as the REST door wants it as well. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i;

/** An envelope as ActionRequest. @throws Error for a time that gRPC cannot carry */
export function writeRequest({ parameters, run_at: runAt, ...plain }: WireEnvelope): object {
  return {
    ...plain,
    parameters: writeStruct(toJson(parameters ?? {})),
    ...(runAt !== undefined && { run_at: writeTime(runAt) }),
  };
}

/** A filter as WatchActionsRequest. */
export function writeWatch(filter: WatchFilter, lastEventId: string): object {
  return {
    last_event_id: lastEventId,
    platform: filter.platform,
    account_id: filter.account,
    action_type: filter.actionType,
    status: filter.status,
  };
}

/** ActionResponse as the REST door writes an outcome. */
export function readResponse({
  result_data,
  failure,
  prepared,
  ...plain
}: ResponseMessage): object {
  return {
    ...plain,
    result_data: readStruct(result_data),
    ...(failure && { failure: readFailure(failure) }),
    ...(prepared && {
      prepared: {
        ...prepared,
        ...readCall(prepared),
        reads: prepared.reads.map(readCall),
        following: prepared.following.map(readCall),
      },
    }),
  };
}

/** ActionChange as the REST door writes a change. */
export function readChange({ failure, ...change }: ChangeMessage): object {
  return {
    ...change,
    ...(failure && { failure: readFailure(failure) }),
    batch_id: change.batch_id === '' ? null : change.batch_id,
    received_at: readTime(change.received_at),
    run_at: readTime(change.run_at),
    started_at: readTime(change.started_at),
    finished_at: readTime(change.finished_at),
  };
}

/** Zero and empty text mean in protobuf that there is none. */
function readFailure({
  retry_after_ms,
  platform_status,
  platform_code,
  ...plain
}: FailureMessage): object {
  return {
    ...plain,
    ...(retry_after_ms !== 0 && { retry_after_ms }),
    ...(platform_status !== 0 && { platform_status }),
    ...(platform_code !== '' && { platform_code }),
  };
}

function readCall({ method, url, body, headers, files }: CallMessage): object {
  return {
    method,
    url,
    body: body ? readStruct(body) : undefined,
    headers: Object.keys(headers).length === 0 ? undefined : headers,
    files: files.length === 0 ? undefined : files,
  };
}

function writeTime(text: string): Timestamp {
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms))
    throw new Error(
      `runAt: ${JSON.stringify(text)} is no time with a zone: give a Date, or text such as 2027-01-31T18:00:00Z`,
    );
  const seconds = Math.floor(ms / 1_000);
  return { seconds, nanos: (ms - seconds * 1_000) * 1_000_000 };
}

function readTime(time: Timestamp | null): string | null {
  return time && new Date(Number(time.seconds) * 1_000 + time.nanos / 1_000_000).toISOString();
}

/** What JSON makes of a value, so that both transports send the same. */
function toJson(value: object): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
}

function writeStruct(members: object): Struct {
  const fields = Object.entries(members).map(([name, member]) => [name, writeValue(member)]);
  return { fields: Object.fromEntries(fields) as Record<string, Value> };
}

function writeValue(value: unknown): Value {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(writeValue) } };
  if (typeof value === 'object' && value !== null) return { structValue: writeStruct(value) };
  return { nullValue: 'NULL_VALUE' };
}

function readStruct(struct: Struct | null | undefined): Record<string, unknown> {
  const fields = Object.entries(struct?.fields ?? {});
  return Object.fromEntries(fields.map(([name, value]) => [name, readValue(value)]));
}

function readValue(value: Value): unknown {
  switch (value.kind) {
    case 'stringValue':
      return value.stringValue;
    case 'numberValue':
      return value.numberValue;
    case 'boolValue':
      return value.boolValue;
    case 'structValue':
      return readStruct(value.structValue);
    case 'listValue':
      return (value.listValue?.values ?? []).map(readValue);
    default:
      return null;
  }
}
