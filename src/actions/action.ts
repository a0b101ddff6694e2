import {
  describeFields,
  type FieldClass,
  findFaults,
  listPrivateTexts,
  parseFields,
  redactFields,
} from './fields.js';
import { ActionFailure, type FieldViolation, refuseInput } from './failures.js';
import { isObject, type JsonSchema } from './json.js';
import { hideAddressSecrets } from './redaction.js';
import type { Limit } from './limit.js';
import type { Upload } from './upload.js';
import type { PlatformRequest, Refusal, Yes } from './wire.js';

/** What an action does at the platform: decides about its audit row and the hints for tools. */
type Effect = 'read' | 'create' | 'update' | 'delete';

/** The account of the channel, and the actor in it. */
export interface ActionContext {
  /** Different for every action, the same for every attempt of one. */
  readonly actionId: string;
  readonly account: { readonly id: string };
  readonly actor: { readonly id: string };
  /** A file came with the request. */
  readonly hasFile?: boolean;
}

/** A whole file from outside the platform. */
export interface FetchedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The media type from its server, without parameters; empty if it gave none. */
  readonly type: string;
  /** False in a dry run, which fetches nothing. */
  readonly isKnown: boolean;
}

/** What an action with a `run` function may do. The same safeguards apply to every call. */
export interface Upstream {
  /** Sends one request. @returns the body of its answer @throws ActionFailure if it does not succeed */
  send<Answer>(request: PlatformRequest): Promise<Answer>;
  /**
   * Reads a file from a caller's address, through the egress guard.
   * @throws ActionFailure INVALID_INPUT if it must not or cannot be read, PLATFORM_DOWN if a later try may succeed
   */
  fetch(url: string, limits: { readonly maxBytes: number }): Promise<FetchedFile>;
  /**
   * Reserves memory for the files of this action, before the first is fetched, and waits until it is free.
   * Called again with less, it gives back what is not needed. All of it is given back when the action ends.
   * @param bytes of all files together, at most
   * @throws ActionFailure RATE_LIMITED when too many actions wait for memory
   */
  reserveFiles(bytes: number): Promise<void>;
  /**
   * Sends a file in pieces, and resumes after a broken connection. The last piece is sent again only if the
   * platform says that it did not receive it.
   * @returns the answer to the last piece
   * @throws ActionFailure if it does not succeed
   */
  upload<Answer>(upload: Upload): Promise<Answer>;
  /**
   * Called after the write was answered: the rest of the action only looks for its effect, and goes on for
   * a while after the caller's time. A caller that is answered before gets `known` with the UNKNOWN outcome.
   */
  goOnAfter(known: Readonly<Record<string, unknown>>): void;
  /**
   * Renews the credential of the action now, although it may still live.
   * @returns when the new one ends, in Unix milliseconds; undefined where the platform does not say
   * @throws ActionFailure RECONNECT_ACCOUNT if it cannot be renewed
   */
  renew(): Promise<number | undefined>;
  /** Waits. @returns false, at once, if the remaining time is shorter */
  wait(ms: number): Promise<boolean>;
  /**
   * The value that an earlier action of the same account kept under this name.
   * @param placeholder the value in a dry run; undefined if omitted
   */
  recall(name: string, placeholder?: string): Promise<string | undefined>;
  /** Keeps a value for later actions of the same account. A failure to keep it does not fail the action. */
  remember(name: string, value: string, forMs: number): Promise<void>;
  /** Forgets a kept value. A failure to forget it does not fail the action. */
  forget(name: string): Promise<void>;
}

interface Declaration<Input extends object, Output extends object, Scope extends string> {
  /** Name within the platform, in snake_case. */
  readonly type: string;
  /** Feature flag group, one of the platform's. */
  readonly group: string;
  readonly summary: string;
  /** The platform's own page about the call. */
  readonly docs: string;
  readonly effect: Effect;
  /** Whether sending it twice has the same effect as sending it once. Always true for reads. */
  readonly repeatable?: boolean;
  /** Whether this refusal of a repeat proves that the first attempt, which had no clear answer, succeeded. */
  readonly alreadyDone?: (refusal: Refusal) => boolean;
  /** Whether the platform asks for a repeat with this status, such as 409 during another change. */
  readonly passing?: (status: number) => boolean;
  /** Actions with the same key are sent in order of arrival. */
  readonly order?: (context: ActionContext, input: Input) => string;
  /**
   * The line of waiting actions, which are carried out one after the other; defaults to the order key. It is
   * wider where an unpublished limit of the platform holds for several order keys, so that only one meets it.
   */
  readonly queue?: (context: ActionContext, input: Input) => string;
  /** OAuth scopes the acting account must have granted. */
  readonly scopes: readonly Scope[];
  /** Permissions that the account needs at the platform, beside scopes. */
  readonly permissions?: readonly string[];
  /** The account whose credentials are used. With 'account', an actor_id is refused. */
  readonly actsAs: 'actor' | 'account';
  readonly input: FieldClass<Input>;
  readonly output: FieldClass<Output>;
  /** Faults that concern several fields at once. */
  readonly check?: (input: Input, context: ActionContext) => readonly FieldViolation[];
  readonly limits?: (context: ActionContext, input: Input) => readonly Limit[];
  /** Units of the platform's budget that the write (or a single read) takes; defaults to 1. */
  readonly cost?: number;
  /** Whether it takes long, such as an upload, and goes on after the caller's time. */
  readonly takesLong?: boolean;
  /** Milliseconds after the caller's time in which the action may look for its effect; defaults to none. */
  readonly settlesForMs?: number;
  /** The field with the address of a file; the file may come with the request instead. */
  readonly takesFile?: NoInfer<keyof Input & string>;
  readonly example: {
    readonly input: NoInfer<Input>;
    readonly output: NoInfer<Output>;
    /** The account of the example, if it is not the usual one. */
    readonly account?: string;
  };
}

interface DirectCall<Input, Output, Answer> {
  /** The one request, made without any I/O. */
  readonly request: (input: Input, context: ActionContext) => PlatformRequest;
  /** The form of a successful answer; defaults to a JSON body. */
  readonly yes?: Yes;
  /**
   * Reads a 2xx answer, and throws if it says that the action failed. `undefined` is an answer without a
   * body. The result is checked against `output`: a missing field makes the outcome UNKNOWN.
   */
  readonly response: (answer: Answer, input: Input, context: ActionContext) => Output;
  readonly run?: never;
  readonly unsupported?: never;
}

interface ScriptedCall<Input, Output> {
  /** For actions of several calls. Reads before the write carry a placeholder for the dry run. */
  readonly run: (input: Input, context: ActionContext, upstream: Upstream) => Promise<Output>;
  readonly yes?: never;
  readonly request?: never;
  readonly response?: never;
  readonly unsupported?: never;
}

/** An action that the platform does not offer. */
export interface Unsupported<Output> {
  readonly reason: string;
  /** Advice for the caller, such as what can be done instead. */
  readonly instead: Output;
}

interface UnsupportedCall<Output> {
  /** The action is always refused: the platform has no request for it. */
  readonly unsupported: Unsupported<Output>;
  readonly yes?: never;
  readonly run?: never;
  readonly request?: never;
  readonly response?: never;
}

/** The declaration of one action. Doors, docs, schemas, flags and tests are derived from it. */
export type ActionDeclaration<
  Input extends object,
  Output extends object,
  Scope extends string = string,
  Answer = unknown,
> = Declaration<Input, Output, Scope> &
  (DirectCall<Input, Output, Answer> | ScriptedCall<Input, Output> | UnsupportedCall<Output>);

/** An action as the recipe uses it: its own types are hidden. */
export interface Action {
  readonly type: string;
  readonly group: string;
  readonly summary: string;
  readonly docs: string;
  readonly effect: Effect;
  readonly repeatable: boolean;
  readonly scopes: readonly string[];
  readonly permissions: readonly string[];
  readonly actsAs: 'actor' | 'account';
  readonly cost: number;
  readonly takesLong: boolean;
  readonly settlesForMs: number;
  /** The field with the address of a file; the file may come with the request instead. */
  readonly takesFile?: string;
  /** Set if the platform does not offer the action. */
  readonly unsupported?: Unsupported<object>;
  readonly example: {
    readonly input: object;
    readonly output: object;
    readonly account?: string;
  };
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema;
  alreadyDone(refusal: Refusal): boolean;
  passes(status: number): boolean;
  /** Reads untrusted parameters. @throws ActionFailure INVALID_INPUT naming every wrong field. */
  parse(parameters: unknown, context: ActionContext): object;
  /** The faults of an output of this action, by field. */
  findOutputFaults(output: unknown): readonly FieldViolation[];
  orderKey(context: ActionContext, input: object): string | undefined;
  queueKey(context: ActionContext, input: object): string | undefined;
  limits(context: ActionContext, input: object): readonly Limit[];
  carryOut(input: object, context: ActionContext, upstream: Upstream): Promise<object>;
  redactInput(parameters: unknown): Record<string, unknown>;
  /** The texts in these parameters that the log must not keep, including queries of addresses. */
  listPrivateTexts(parameters: unknown): readonly string[];
  redactOutput(output: unknown): Record<string, unknown>;
}

/** Turns a declaration into the form that the catalogue and the recipe use. */
export function defineAction<
  Input extends object,
  Output extends object,
  Scope extends string,
  Answer,
>(declaration: ActionDeclaration<Input, Output, Scope, Answer>): Action {
  const { input: inputClass, output: outputClass } = declaration;
  return {
    type: declaration.type,
    group: declaration.group,
    summary: declaration.summary,
    docs: declaration.docs,
    effect: declaration.effect,
    repeatable: declaration.repeatable ?? declaration.effect === 'read',
    scopes: declaration.scopes,
    permissions: declaration.permissions ?? [],
    actsAs: declaration.actsAs,
    cost: declaration.cost ?? 1,
    takesLong: declaration.takesLong ?? false,
    settlesForMs: declaration.settlesForMs ?? 0,
    ...(declaration.takesFile !== undefined && { takesFile: declaration.takesFile }),
    ...(declaration.unsupported && { unsupported: declaration.unsupported }),
    example: declaration.example,
    inputSchema: describeFields(inputClass),
    outputSchema: describeFields(outputClass),
    alreadyDone: (refusal) => declaration.alreadyDone?.(refusal) ?? false,
    passes: (status) => declaration.passing?.(status) ?? false,
    parse(parameters, context) {
      const parsed = parseFields(inputClass, parameters);
      const violations = parsed.ok
        ? (declaration.check?.(parsed.value, context) ?? [])
        : parsed.violations;
      const aboutFile = findFileFaults(declaration, parameters, context);
      if (parsed.ok && violations.length + aboutFile.length === 0) return parsed.value;
      throw refuseInput([...violations.map(belowParameters), ...aboutFile]);
    },
    findOutputFaults(output) {
      return findFaults(outputClass, output);
    },
    orderKey: (context, input) => declaration.order?.(context, input as Input),
    queueKey: (context, input) =>
      (declaration.queue ?? declaration.order)?.(context, input as Input),
    limits: (context, input) => declaration.limits?.(context, input as Input) ?? [],
    async carryOut(input, context, upstream) {
      if (declaration.unsupported) throw refuseUnsupported(declaration.unsupported);
      const output = declaration.run
        ? await declaration.run(input as Input, context, upstream)
        : await sendDirectly(declaration, input as Input, context, upstream);
      const faults = findFaults(outputClass, output);
      if (faults.length > 0) throw refuseAnswer(declaration.effect, output, faults);
      return output;
    },
    redactInput: (parameters) => redactFields(inputClass, parameters, hideAddressSecrets),
    listPrivateTexts: (parameters) => listPrivateTexts(inputClass, parameters),
    redactOutput: (output) => redactFields(outputClass, output),
  };
}

async function sendDirectly<Input extends object, Output extends object, Answer>(
  {
    effect,
    request: buildRequest,
    yes,
    response,
  }: DirectCall<Input, Output, Answer> & { readonly effect: Effect },
  input: Input,
  context: ActionContext,
  upstream: Upstream,
): Promise<Output> {
  const request = buildRequest(input, context);
  const answer = await upstream.send<Answer>(yes === undefined ? request : { ...request, yes });
  try {
    return response(answer, input, context);
  } catch (error) {
    // A TypeError: the code read a member that is missing or has another type.
    if (error instanceof TypeError) throw refuseAnswer(effect, {}, []);
    throw error;
  }
}

/** The fields of a result that are known although the outcome is not. */
const TELLING_FIELD = /(^|_)(ids?|url)$/;

/** The failure for a 2xx answer that lacks what the action declares as its output. */
function refuseAnswer(
  effect: Effect,
  output: object,
  faults: readonly FieldViolation[],
): ActionFailure {
  const wrong = new Set(faults.map(({ field }) => field));
  const names = [...wrong].filter((name) => name !== '').join(', ');
  const what = names === '' ? 'does not have the documented form' : `does not tell ${names}`;
  if (effect === 'read')
    return new ActionFailure('PLATFORM_DOWN', `The answer of the platform ${what}`);
  const known = Object.entries(output).filter(
    ([name, value]) => !wrong.has(name) && value !== undefined && TELLING_FIELD.test(name),
  );
  return new ActionFailure(
    'UNREADABLE_ANSWER',
    `The platform accepted the request, and its answer ${what}`,
    known.length > 0 ? { partialResult: Object.fromEntries(known) } : {},
  );
}

/** Whether a request is the action's own request, and not a preparatory read. */
export function isTheAction(
  { effect }: Pick<Action, 'effect'>,
  { method, placeholder }: PlatformRequest,
): boolean {
  return method !== 'GET' || (effect === 'read' && !placeholder);
}

/** The failure of an action that the platform does not offer. */
export function refuseUnsupported({ reason, instead }: Unsupported<object>): ActionFailure {
  return new ActionFailure('UNSUPPORTED', reason, { partialResult: { ...instead } });
}

/** The faults of a file: it must be given once, by its address or with the request. */
function findFileFaults(
  { type, takesFile }: { readonly type: string; readonly takesFile?: string },
  parameters: unknown,
  { hasFile = false }: ActionContext,
): readonly FieldViolation[] {
  if (takesFile === undefined)
    return hasFile ? [{ field: 'file', message: `must be left out: ${type} takes none` }] : [];
  const isNamed = isObject(parameters) && parameters[takesFile] != null;
  if (isNamed !== hasFile) return [];
  const field = `parameters.${takesFile}`;
  const message = isNamed
    ? 'must be left out where a file comes with the request'
    : 'is missing: name an address, or send the file with the request (REST, multipart/form-data)';
  return [{ field, message }];
}

function belowParameters({ field, message }: FieldViolation): FieldViolation {
  return { field: field ? `parameters.${field}` : 'parameters', message };
}
