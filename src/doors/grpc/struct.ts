import { type JsonObject, setMember } from '../../actions/json.js';

/** google.protobuf.Value as the loader gives it: one member is set. */
interface ProtoValue {
  readonly nullValue?: unknown;
  readonly numberValue?: number;
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly structValue?: ProtoStruct | null;
  readonly listValue?: { readonly values?: readonly ProtoValue[] } | null;
  readonly kind?: string;
}

/** google.protobuf.Struct as the loader gives it. */
export interface ProtoStruct {
  readonly fields?: Readonly<Record<string, ProtoValue>>;
}

/** Deeper than anything the recipe accepts; it refuses what is cut off here. */
const DEEPEST = 64;

/** A Struct as plain values; an absent one is empty. */
export function decodeStruct(
  struct: ProtoStruct | null | undefined,
  depth = DEEPEST,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const fields = struct?.fields ?? {};
  for (const name of Object.keys(fields))
    setMember(values, name, decodeValue(fields[name] as ProtoValue, depth));
  return values;
}

function decodeValue(value: ProtoValue, depth: number): unknown {
  if (depth === 0) return null;
  switch (value.kind) {
    case 'stringValue':
      return value.stringValue;
    case 'numberValue':
      return value.numberValue;
    case 'boolValue':
      return value.boolValue;
    case 'structValue':
      return decodeStruct(value.structValue, depth - 1);
    case 'listValue':
      return (value.listValue?.values ?? []).map((item) => decodeValue(item, depth - 1));
    default:
      return null;
  }
}

/** Plain values as a Struct; members that are undefined are left out, as in JSON. */
export function encodeStruct(values: Readonly<Record<string, unknown>> | JsonObject): ProtoStruct {
  const fields: Record<string, ProtoValue> = {};
  for (const name of Object.keys(values)) {
    const value = (values as Record<string, unknown>)[name];
    if (value !== undefined) setMember(fields, name, encodeValue(value));
  }
  return { fields };
}

function encodeValue(value: unknown): ProtoValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(encodeValue) } };
  if (typeof value === 'object' && value !== null)
    return { structValue: encodeStruct(value as JsonObject) };
  return { nullValue: 'NULL_VALUE' };
}
