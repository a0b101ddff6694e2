import {
  describeFields,
  type FieldClass,
  findFaults,
  findIds,
  listFieldsWithNames,
  listPrivateTexts,
  parseFields,
  redactFields,
} from './fields.js';
import { ActionFailure, type FieldViolation, refuseInput } from './failures.js';
import { isObject, type JsonSchema } from './json.js';
import { hideAddressSecrets } from './redaction.js';
import type { Limit } from './limit.js';
import type { ActionContext, Upstream } from './upstream.js';
import type { PlatformRequest, Refusal, Yes } from './wire.js';

export type { ActionContext, FetchedFile, PartCount, Upstream } from './upstream.js';

/** What an action does at the platform: decides about its audit row and the hints for tools. */
export type Effect = 'read' | 'create' | 'update' | 'delete';

interface Declaration<Input extends object, Output extends object, Scope extends string> {
  /** Name within the platform, in snake_case. */
  readonly type: string;
  /** Feature flag group, one of the platform's. */
  readonly group: string;
  readonly summary: string;
  /** The platform's own page about the call. */
  readonly docs: string;
  readonly effect: Effect;
  /**
   * Whether it takes something away from people or changes what is there, rather than only adding to it.
   * Defaults to true for `update` and `delete`.
   */
  readonly destructive?: boolean;
  /** Whether sending it twice has the same effect as sending it once. Always true for reads. */
  readonly repeatable?: boolean;
  /** Whether this refusal of a repeat proves that the first attempt, which had no clear answer, succeeded. */
  readonly alreadyDone?: (refusal: Refusal) => boolean;
  /** Whether the platform asks for a repeat with this status, such as 409 during another change. */
  readonly passing?: (status: number) => boolean;
  /** The field that a refusal with this code of the platform is about, and what to do. */
  readonly explain?: (platformCode: string) => FieldViolation | undefined;
  /** Actions with the same key are sent in order of arrival. */
  readonly order?: (context: ActionContext, input: Input) => string;
  /**
   * The line of waiting actions, which are carried out one after the other; defaults to the order key. It is
   * wider where an unpublished limit of the platform holds for several order keys, so that only one meets it.
   */
  readonly queue?: (context: ActionContext, input: Input) => string;
  /** OAuth scopes the acting account must have granted; of a list of several one is enough, best the first. */
  readonly scopes: readonly (Scope | readonly [Scope, ...Scope[]])[];
  /** Scopes that this input needs besides. */
  readonly moreScopes?: (input: Input) => readonly Scope[];
  /** It concerns the whole application, and so every tenant: only callers without an owner may do it. */
  readonly forOperators?: boolean;
  /** Permissions that the account needs at the platform, beside scopes. */
  readonly permissions?: readonly string[];
  /**
   * Whose credentials are used. With 'account', an actor_id is refused. With 'app' they are the gateway's own,
   * and the envelope need not name an account.
   */
  readonly actsAs: 'actor' | 'account' | 'app';
  /** Whether this input is sent with the gateway's own credentials, in the name of the account that acts. */
  readonly actsAsApp?: (input: Input) => boolean;
  /** Seconds for which the result of a read may be given to others who ask for the same; defaults to 0. */
  readonly cacheSeconds?: number;
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
  /** The field that may hold the file itself, as base64, in place of an address. */
  readonly takesContent?: NoInfer<keyof Input & string>;
  /** The action can do without the file. */
  readonly fileIsOptional?: boolean;
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
  /** For actions of several calls. Reads, and writes that others follow, carry a placeholder for the dry run. */
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
  /** Whether it takes away or changes what is there. */
  readonly destructive: boolean;
  readonly repeatable: boolean;
  /** The scopes to ask an account for. */
  readonly scopes: readonly string[];
  /** Scopes that will do as well, by the scope to ask for. */
  readonly otherScopes: ReadonlyMap<string, readonly string[]>;
  /** Only callers without an owner may do it. */
  readonly forOperators: boolean;
  readonly permissions: readonly string[];
  readonly actsAs: 'actor' | 'account' | 'app';
  readonly cacheSeconds: number;
  readonly cost: number;
  readonly takesLong: boolean;
  readonly settlesForMs: number;
  /** The field with the address of a file; the file may come with the request instead. */
  readonly takesFile?: string;
  /** The field that may hold the file itself, as base64. */
  readonly takesContent?: string;
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
  explain(platformCode: string): FieldViolation | undefined;
  /** Reads untrusted parameters. @throws ActionFailure INVALID_INPUT naming every wrong field. */
  parse(parameters: unknown, context: ActionContext): object;
  /** The faults of an output of this action, by field. */
  findOutputFaults(output: unknown): readonly FieldViolation[];
  /** Scopes that this input needs besides. */
  moreScopes(input: object): readonly string[];
  /** Whether this input is sent with the gateway's own credentials. */
  actsAsApp(input: object): boolean;
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
  const takesNames = listFieldsWithNames(inputClass).length > 0;
  return {
    type: declaration.type,
    group: declaration.group,
    summary: declaration.summary,
    docs: declaration.docs,
    effect: declaration.effect,
    destructive: declaration.destructive ?? ['update', 'delete'].includes(declaration.effect),
    repeatable: declaration.repeatable ?? declaration.effect === 'read',
    ...listScopes(declaration.scopes),
    forOperators: declaration.forOperators ?? false,
    moreScopes: (input) => declaration.moreScopes?.(input as Input) ?? [],
    permissions: declaration.permissions ?? [],
    actsAs: declaration.actsAs,
    cacheSeconds: declaration.cacheSeconds ?? 0,
    cost: declaration.cost ?? 1,
    takesLong: declaration.takesLong ?? false,
    settlesForMs: declaration.settlesForMs ?? 0,
    ...(declaration.takesFile !== undefined && { takesFile: declaration.takesFile }),
    ...(declaration.takesContent !== undefined && { takesContent: declaration.takesContent }),
    ...(declaration.unsupported && { unsupported: declaration.unsupported }),
    example: declaration.example,
    inputSchema: describeFields(inputClass),
    outputSchema: describeFields(outputClass),
    alreadyDone: (refusal) => declaration.alreadyDone?.(refusal) ?? false,
    passes: (status) => declaration.passing?.(status) ?? false,
    explain: (platformCode) => {
      const explained = declaration.explain?.(platformCode);
      return explained && belowParameters(explained);
    },
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
    actsAsApp: (input) =>
      declaration.actsAs === 'app' || (declaration.actsAsApp?.(input as Input) ?? false),
    orderKey: (context, input) => declaration.order?.(context, input as Input),
    queueKey: (context, input) =>
      (declaration.queue ?? declaration.order)?.(context, input as Input),
    limits: (context, input) => declaration.limits?.(context, input as Input) ?? [],
    async carryOut(input, context, upstream) {
      if (declaration.unsupported) throw refuseUnsupported(declaration.unsupported);
      const known = takesNames
        ? await findIds(inputClass, input as Input, context, upstream)
        : (input as Input);
      const output = declaration.run
        ? await declaration.run(known, context, upstream)
        : await sendDirectly(declaration, known, context, upstream);
      const faults = findFaults(outputClass, output);
      if (faults.length > 0) throw refuseAnswer(declaration.effect, output, faults);
      return output;
    },
    redactInput: (parameters) => redactFields(inputClass, parameters, hideAddressSecrets),
    listPrivateTexts: (parameters) => listPrivateTexts(inputClass, parameters),
    redactOutput: (output) => redactFields(outputClass, output),
  };
}

function listScopes(
  declared: readonly (string | readonly string[])[],
): Pick<Action, 'scopes' | 'otherScopes'> {
  const choices = declared.map((scope) => (typeof scope === 'string' ? [scope] : scope));
  return {
    scopes: choices.flatMap(([first]) => (first === undefined ? [] : [first])),
    otherScopes: new Map(
      choices.flatMap(([first, ...others]): [string, readonly string[]][] =>
        first === undefined || others.length === 0 ? [] : [[first, others]],
      ),
    ),
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

/** The scopes that several actions need together: one that another stands in for is not asked for. */
export function joinScopes(
  actions: readonly Pick<Action, 'scopes' | 'otherScopes'>[],
): readonly string[] {
  const fixed = new Set(
    actions.flatMap(({ scopes, otherScopes }) => scopes.filter((scope) => !otherScopes.has(scope))),
  );
  const chosen = new Set(fixed);
  for (const { otherScopes } of actions)
    for (const [first, others] of otherScopes)
      if (![first, ...others].some((scope) => fixed.has(scope))) chosen.add(first);
  return [...chosen];
}

/** Whether a request may change something. The requests of a read never do, whatever their method. */
export function mayChange(
  { effect }: Pick<Action, 'effect'>,
  { method, changesNothing = false }: PlatformRequest,
): boolean {
  return method !== 'GET' && effect !== 'read' && !changesNothing;
}

/** Whether a request is the action's own request, and not a preparatory read. */
export function isTheAction(
  { effect }: Pick<Action, 'effect'>,
  { method, placeholder, changesNothing = false }: PlatformRequest,
): boolean {
  if (changesNothing) return false;
  return method !== 'GET' || (effect === 'read' && !placeholder);
}

/** The failure of an action that the platform does not offer. */
export function refuseUnsupported({ reason, instead }: Unsupported<object>): ActionFailure {
  return new ActionFailure('UNSUPPORTED', reason, { partialResult: { ...instead } });
}

/** The faults of a file: it must be given once, by its address, in a parameter or with the request. */
function findFileFaults(
  {
    type,
    takesFile,
    takesContent,
    fileIsOptional = false,
  }: {
    readonly type: string;
    readonly takesFile?: string;
    readonly takesContent?: string;
    readonly fileIsOptional?: boolean;
  },
  parameters: unknown,
  { hasFile = false }: ActionContext,
): readonly FieldViolation[] {
  if (takesFile === undefined)
    return hasFile ? [{ field: 'file', message: `must be left out: ${type} takes none` }] : [];
  const has = (name: string | undefined): boolean =>
    name !== undefined && isObject(parameters) && parameters[name] != null;
  const isNamed = has(takesFile);
  const isContained = has(takesContent);
  const field = `parameters.${isContained && !isNamed ? takesContent : takesFile}`;
  const given = [isNamed, isContained, hasFile].filter(Boolean).length;
  if (given === 1 || (given === 0 && fileIsOptional)) return [];
  if (given === 0) {
    const inside = takesContent === undefined ? '' : `, send it as ${takesContent}`;
    const message = `is missing: name an address${inside}, or send the file with the request (REST, multipart/form-data)`;
    return [{ field, message }];
  }
  const message = hasFile
    ? 'must be left out where a file comes with the request'
    : `must be left out where ${takesContent} is given`;
  return [{ field, message }];
}

function belowParameters({ field, message }: FieldViolation): FieldViolation {
  return { field: field ? `parameters.${field}` : 'parameters', message };
}
