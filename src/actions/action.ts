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

/** What an action does to the platform: the weight of its audit row and the hints for tools. */
type Effect = 'read' | 'create' | 'update' | 'delete';

/** Who is concerned: whose channel, and who acts in it. */
export interface ActionContext {
  /** Different for every action, the same for every attempt of one. */
  readonly actionId: string;
  readonly account: { readonly id: string };
  readonly actor: { readonly id: string };
  /** A file came with the request. */
  readonly hasFile?: boolean;
}

/** A file from outside of the platform, whole. */
export interface FetchedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** As its server names it, without parameters; empty when it says nothing. */
  readonly type: string;
  /** False in a dry run, which fetches nothing. */
  readonly isKnown: boolean;
}

/** What a scripted action may do; every call passes the same safeguards as any other. */
export interface Upstream {
  /** Sends one request and gives its body. @throws ActionFailure when it does not succeed. */
  send<Answer>(request: PlatformRequest): Promise<Answer>;
  /**
   * Reads a file from an address that a caller named, through the guard against addresses inside.
   * @throws ActionFailure INVALID_INPUT when it must not or cannot be read, PLATFORM_DOWN when not now
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
   * Sends a file in pieces and gives the answer to the last one. Broken connections are mended; once the
   * last piece has left, it is sent again only where the platform says that it misses something.
   * @throws ActionFailure when it does not succeed
   */
  upload<Answer>(upload: Upload): Promise<Answer>;
  /**
   * Called once the write was answered: what follows only looks for its effect, and goes on for a while
   * when the caller's time is over. A caller that is answered before gets `known` with the UNKNOWN.
   */
  goOnAfter(known: Readonly<Record<string, unknown>>): void;
  /** Waits, if that fits the time there is; false, at once, if it does not. */
  wait(ms: number): Promise<boolean>;
  /**
   * What an earlier action of the same account kept under this name.
   * @param placeholder what a dry run goes on with; without one, nothing is known in it
   */
  recall(name: string, placeholder?: string): Promise<string | undefined>;
  /** Keeps a value for later actions of the same account. Never fails an action for it. */
  remember(name: string, value: string, forMs: number): Promise<void>;
  /** Forgets what is kept under a name. Never fails an action for it. */
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
  /** Sending twice is the same as sending once. Reads are; a write says so only where it is true. */
  readonly repeatable?: boolean;
  /** After an ambiguous attempt: this refusal of the repeat proves that the first one worked. */
  readonly alreadyDone?: (refusal: Refusal) => boolean;
  /** A status by which the platform asks for a repeat, such as 409 while it makes another change. */
  readonly passing?: (status: number) => boolean;
  /** Leaves in order of arrival among actions of the same key. */
  readonly order?: (context: ActionContext, input: Input) => string;
  /**
   * The line in which waiting actions stand one behind the other; the order key when left out. Wider
   * than that where the platform has an unpublished limit for all of them: so one alone finds it spent.
   */
  readonly queue?: (context: ActionContext, input: Input) => string;
  /** OAuth scopes the acting account must have granted. */
  readonly scopes: readonly Scope[];
  /** What the account must be permitted at the platform, where that is no matter of scopes. */
  readonly permissions?: readonly string[];
  /** Whose credentials the platform asks for; an actor is refused where it is the account's own. */
  readonly actsAs: 'actor' | 'account';
  readonly input: FieldClass<Input>;
  readonly output: FieldClass<Output>;
  /** Faults that concern several fields at once. */
  readonly check?: (input: Input, context: ActionContext) => readonly FieldViolation[];
  readonly limits?: (context: ActionContext, input: Input) => readonly Limit[];
  /** Units of the platform's budget that the write (or a lone read) takes; 1 when left out. */
  readonly cost?: number;
  /** Takes as long as its bytes take, and goes on when the caller's time is over. */
  readonly takesLong?: boolean;
  /** Milliseconds after the caller's time in which the action may look for its effect; none when left out. */
  readonly settlesForMs?: number;
  /** The field with an address in whose place a file may come with the request. */
  readonly takesFile?: NoInfer<keyof Input & string>;
  readonly example: {
    readonly input: NoInfer<Input>;
    readonly output: NoInfer<Output>;
    /** The account that the example acts for, where it is not the ordinary one of examples. */
    readonly account?: string;
  };
}

interface DirectCall<Input, Output, Answer> {
  /** The one request, made without any I/O. */
  readonly request: (input: Input, context: ActionContext) => PlatformRequest;
  /** The form of a successful answer; a body of JSON when left out. */
  readonly yes?: Yes;
  /**
   * Reads a 2xx answer, and may still find a no in it. `undefined` is an answer without a body. What it
   * returns is checked against `output`: a field that the answer does not fill makes the outcome UNKNOWN.
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

/** What callers ask for and a platform has no way to do. */
export interface Unsupported<Output> {
  readonly reason: string;
  /** What the answer says all the same, such as what can be done instead. */
  readonly instead: Output;
}

interface UnsupportedCall<Output> {
  /** Nothing is ever sent: the action is refused, and the refusal is honest. */
  readonly unsupported: Unsupported<Output>;
  readonly yes?: never;
  readonly run?: never;
  readonly request?: never;
  readonly response?: never;
}

/** The whole truth about one action; doors, docs, schemas, flags and tests are derived from it. */
export type ActionDeclaration<
  Input extends object,
  Output extends object,
  Scope extends string = string,
  Answer = unknown,
> = Declaration<Input, Output, Scope> &
  (DirectCall<Input, Output, Answer> | ScriptedCall<Input, Output> | UnsupportedCall<Output>);

/** An action as the recipe sees it: its own types are sealed inside. */
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
  /** The field with an address in whose place a file may come with the request. */
  readonly takesFile?: string;
  /** Set for what the platform has no way to do. */
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
  /** What is wrong with an output of this action, field by field. */
  findOutputFaults(output: unknown): readonly FieldViolation[];
  orderKey(context: ActionContext, input: object): string | undefined;
  queueKey(context: ActionContext, input: object): string | undefined;
  limits(context: ActionContext, input: object): readonly Limit[];
  carryOut(input: object, context: ActionContext, upstream: Upstream): Promise<object>;
  redactInput(parameters: unknown): Record<string, unknown>;
  /** The texts in these parameters that the log must not keep, and queries of addresses among them. */
  listPrivateTexts(parameters: unknown): readonly string[];
  redactOutput(output: unknown): Record<string, unknown>;
}

/** Seals a declaration into the form that the catalogue and the recipe work with. */
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
    // A member that is missing, or of another type, where the code reads on.
    if (error instanceof TypeError) throw refuseAnswer(effect, {}, []);
    throw error;
  }
}

/** Fields that still help where the outcome is unknown. */
const TELLING_FIELD = /(^|_)(ids?|url)$/;

/** The failure for a 2xx answer that does not say what the action promises to tell. */
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

/** Whether a request is what the action is for, and not one on the way to it. */
export function isTheAction(
  { effect }: Pick<Action, 'effect'>,
  { method, placeholder }: PlatformRequest,
): boolean {
  return method !== 'GET' || (effect === 'read' && !placeholder);
}

/** The answer to what a platform has no way to do. */
export function refuseUnsupported({ reason, instead }: Unsupported<object>): ActionFailure {
  return new ActionFailure('UNSUPPORTED', reason, { partialResult: { ...instead } });
}

/** A file is asked for once: at an address, or with the request. */
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
