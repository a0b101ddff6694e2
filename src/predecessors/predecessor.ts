import { ADVICE_MARK, type FailureCode } from '../actions/failures.js';
import { isObject } from '../actions/json.js';
import type { Outcome } from '../actions/outcome.js';
import type { GrpcContract } from '../doors/door/dialect.js';

/** The earlier services, by the platform that each of them served. */
export const PREDECESSOR_NAMES = ['discord', 'twitch', 'youtube'] as const;
export type PredecessorName = (typeof PREDECESSOR_NAMES)[number];

/** A request of an earlier service by the names of its fields, from whichever door. */
export type EarlierRequest = Readonly<Record<string, unknown>>;

/** Brings a value of an earlier request into the parameter of the same name; undefined leaves it out. */
export type FieldReader = (value: unknown) => unknown;

/** One thing that an earlier service did, and how it is done here. */
export interface Operation {
  readonly rpc: string;
  /** Method and path below the root of the REST door. */
  readonly route: readonly [method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string];
  readonly action: string;
  /** The fields of the request; their names are those of our parameters. */
  readonly fields: Readonly<Record<string, FieldReader>>;
  /** Without these the earlier REST door refused the request as it was. */
  readonly requiredFields?: readonly string[];
  /** Its message then, where it names no fields. */
  readonly missingFields?: string;
  /** Members of the result that are members of the answer. */
  readonly resultFields?: readonly string[];
  /** The message of a success; `<status>` is replaced by that field of the request. */
  readonly successMessage?: string;
  /** Its topic, which is named when its actions are switched off. */
  readonly topic?: string;
  /** The platform's own answer to a text longer than it takes, by the field. */
  readonly tooLong?: Readonly<Record<string, string>>;
  /** Its failures at the platform are the platform's body alone, without the words that introduce it. */
  readonly hasPlainErrors?: boolean;
  /** Its text may mention people: whom that notifies is a setting. */
  readonly mentions?: boolean;
  /** Messages of failures for which the service had words of its own. */
  readonly failureMessages?: Partial<Readonly<Record<FailureCode, string>>>;
}

/** Why a credential was refused. */
export type CredentialFault = 'missing' | 'expired' | 'invalid';

/** An earlier service: where it was, what it did, and how it answered. */
export interface Predecessor {
  readonly name: PredecessorName;
  /** As /health names it. */
  readonly module: string;
  readonly ports: { readonly rest: number; readonly grpc: number };
  readonly grpc: GrpcContract;
  /** The field that names the account; without one it is the platform's default account. */
  readonly accountField?: string;
  readonly operations: readonly Operation[];
  /** Why a credential was refused, in the words of the REST interface. */
  readonly credentialErrors: Readonly<Record<CredentialFault, (detail: string) => string>>;
  /** The answer to an action, of either door. */
  answer(
    outcome: Outcome,
    asked: EarlierRequest,
    operation: Operation,
  ): Readonly<Record<string, unknown>>;
  /** The HTTP status of that answer. */
  status(outcome: Outcome, operation: Operation): number;
  /** The body of a refusal before any action began; `error` is its message. */
  refuse(error: string): Readonly<Record<string, unknown>>;
}

/** A text or a number as it stands; proto3 writes an absent text as an empty one. */
const given: FieldReader = (value) => (value === '' ? undefined : (value ?? undefined));

/** An id; one that came as a number is read as text, unless the number has lost digits. */
export const readId: FieldReader = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : given(value);

/** The same where an empty text means something. */
export const exact: FieldReader = (value) => value ?? undefined;

/** A number; 0 and less mean that none is given. */
export const positive: FieldReader = (value) => {
  const isNone = value === '' || (typeof value !== 'object' && Number(value) <= 0);
  return isNone ? undefined : (value ?? undefined);
};

/** A text with a default of the earlier service's own. */
export function withDefault(fallback: string): FieldReader {
  return (value) => given(value) ?? fallback;
}

/** The fields of a request that are there to be read, all in the same way. */
export function plain(...names: readonly string[]): Readonly<Record<string, FieldReader>> {
  return Object.fromEntries(names.map((name) => [name, given]));
}

/** The ids of a request, which are texts or numbers. */
export function ids(...names: readonly string[]): Readonly<Record<string, FieldReader>> {
  return Object.fromEntries(names.map((name) => [name, readId]));
}

/** The envelope in a request of an earlier service. */
export function writeEnvelope(
  { name, accountField }: Predecessor,
  { action, fields, mentions: mayMention = false }: Operation,
  asked: EarlierRequest,
  { mentions = [] }: { readonly mentions?: readonly string[] } = {},
): Record<string, unknown> {
  const parameters = Object.entries(fields).map(([field, read]) => [field, read(asked[field])]);
  if (mayMention && mentions.length > 0) parameters.push(['allowed_mentions', { parse: mentions }]);
  return {
    platform: name,
    action_type: action,
    ...(accountField !== undefined && { account_id: readId(asked[accountField]) ?? '' }),
    parameters: Object.fromEntries(parameters.filter(([, value]) => value !== undefined)),
  };
}

/** The message of a platform, without the words that introduce it and our advice after it. */
export function readPlatformMessage({ error, failure }: Outcome): string {
  const { platform_status: status } = failure ?? {};
  const [said = ''] = error.split(ADVICE_MARK);
  return said.replace(new RegExp(`^\\w+ answered ${status}(: )?`), '');
}

/** Wrong fields by the names that the earlier service gave them. */
export function describeViolations(
  { error, failure }: Outcome,
  accountField = 'account_id',
): string {
  const { violations = [] } = failure ?? {};
  if (violations.length === 0) return error;
  return violations
    .map(({ field, message }) => {
      const name = field.replace(/^parameters\.?/, '').replace(/^account_id$/, accountField);
      return name === '' ? message : `${name}: ${message}`;
    })
    .join('; ');
}

/** The platform's own answer to a text that was refused here for its length; undefined for other faults. */
export function findTooLong(
  { failure }: Outcome,
  { tooLong = {} }: Pick<Operation, 'tooLong'>,
): string | undefined {
  if (failure?.code !== 'INVALID_INPUT') return undefined;
  const found = failure.violations?.find(({ message }) => /^must have at most \d+/.test(message));
  return found && tooLong[found.field.replace(/^parameters\./, '')];
}

/** Whether the outcome of an action is unknown, or was not waited for. */
export function isTimeout({ failure }: Outcome): boolean {
  const { code, platform_status: status } = failure ?? {};
  return status === undefined && (code === 'OUTCOME_UNKNOWN' || code === 'DEADLINE_TOO_SHORT');
}

/** Truth as in Python: null, zero and empty values are false. */
export function isTruthyInPython(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}
