import { FAILURES, type FailureCode } from '../../actions/failures.js';
import type { JsonObject } from '../../actions/json.js';
import type { Outcome } from '../../actions/outcome.js';
import type { ActionDescription } from '../../execution/catalogue.js';
import { type CatalogueParts, json } from '../door/route.js';
import { toJson } from '../door/schema.js';
import { BATCH, ENVELOPE, FAILED_OUTCOME, OUTCOME } from './action-schemas.js';
import { buildExampleEnvelope, type DocumentedAction, nameAction } from './documented-action.js';
import type { Documented } from '../door/schema.js';
import {
  describeProblem,
  IDEMPOTENT_REPLAYED,
  NOTHING_SENT,
  pickProblems,
  PROBLEMS,
  type ProblemStatus,
  RATE_LIMIT,
  RETRY_AFTER,
} from './problems.js';

const EXAMPLE_ID = '01920000-0000-7000-8000-000000000001';

/** What every answer with an outcome may have. */
const ANSWER_HEADERS: JsonObject = { 'idempotent-replayed': IDEMPOTENT_REPLAYED, ...RATE_LIMIT };

/** Refusals of the door itself where an action is asked for. */
const REFUSALS = [400, 401, 413, 415, 500, 503] as const;

/** The envelope with an example for every action, its file, and what becomes of it. */
export function describeExecute({ actions, forms }: Documented): CatalogueParts {
  const content = {
    schema: { oneOf: [ENVELOPE, ...forms.map(({ request }) => request)] },
    examples: {
      ...nameExamples(actions, buildExampleEnvelope),
      ...Object.fromEntries(
        forms.map(({ name, summary, example }) => [name, { summary, value: example }]),
      ),
    },
  };
  return {
    ...(forms.length > 0 && { description: forms.map(({ note }) => note).join(' ') }),
    requestBody: {
      required: true,
      content: { 'application/json': content, 'multipart/form-data': FORM },
    },
    responses: toJson({
      200: {
        description: 'It succeeded, or a dry run was prepared',
        headers: ANSWER_HEADERS,
        content: {
          'application/json': {
            schema: { oneOf: [OUTCOME, ...forms.map(({ answer }) => answer)] },
            examples: nameExamples(actions, buildOutcome),
          },
        },
      },
      202: json('It is queued or scheduled', OUTCOME, { headers: ANSWER_HEADERS }),
      ...describeFailures(),
    }),
  };
}

/** What becomes of a read, with an example for every read. */
export function describeReads({ actions }: Documented): CatalogueParts {
  const reads = actions.filter(({ effect }) => effect === 'read');
  const content = { schema: OUTCOME, examples: nameExamples(reads, buildOutcome) };
  return {
    responses: toJson({
      200: {
        description: 'It succeeded, or a dry run was prepared',
        headers: RATE_LIMIT,
        content: { 'application/json': content },
      },
      ...describeFailures(),
    }),
  };
}

/** The envelopes of a batch, with an example. */
export function describeBatch({ actions }: Documented): CatalogueParts {
  const example = { actions: actions.slice(0, 2).map(buildExampleEnvelope) };
  const content = { schema: BATCH, ...(actions.length > 0 && { example }) };
  return { requestBody: { required: true, content: { 'application/json': content } } };
}

/** The same with a file, which is handed on while it comes and may be as long as the platform takes. */
const FORM: JsonObject = {
  schema: {
    type: 'object',
    description: 'For actions that take a file: the envelope first, then the file',
    properties: {
      envelope: ENVELOPE,
      file: {
        type: 'string',
        contentMediaType: 'application/octet-stream',
        description: 'The file, in place of the address that a parameter would name',
      },
    },
    required: ['envelope'],
    additionalProperties: false,
  },
  encoding: {
    envelope: { contentType: 'application/json' },
    file: { contentType: 'video/*, application/octet-stream' },
  },
};

function nameExamples(
  actions: readonly DocumentedAction[],
  build: (action: DocumentedAction) => JsonObject,
): JsonObject {
  return Object.fromEntries(
    actions.map((action) => [
      nameAction(action),
      { summary: action.summary, value: build(action) },
    ]),
  );
}

/** Answers of the door itself stand beside the outcomes of the same status. */
function describeFailures(): JsonObject {
  const refusals = pickProblems(REFUSALS);
  // Where the gateway can begin nothing, the door answers instead of an outcome.
  const codes = (Object.keys(FAILURES) as FailureCode[]).filter(
    (code) => code !== 'GATEWAY_UNAVAILABLE',
  );
  const statuses = [...new Set(codes.map((code) => FAILURES[code].http))];
  const outcomes = statuses.map((http): [string, JsonObject] => {
    const found = codes.filter((code) => FAILURES[code].http === http);
    return [String(http), describeFailed(http, found, String(http) in refusals)];
  });
  return { ...refusals, ...Object.fromEntries(outcomes) };
}

function describeFailed(
  http: number,
  codes: readonly FailureCode[],
  isRefusalToo: boolean,
): JsonObject {
  const description = codes.map((code) => `- \`${code}\`: ${FAILURES[code].meaning}`).join('\n');
  const examples = codes.map((code) => [
    code,
    { summary: FAILURES[code].meaning, value: buildFailedOutcome(code) },
  ]);
  const problem = isRefusalToo ? PROBLEMS[http as ProblemStatus].description : undefined;
  return {
    description: problem === undefined ? description : `${description}\n- a problem: ${problem}.`,
    headers: {
      ...ANSWER_HEADERS,
      'retry-after': RETRY_AFTER,
      ...(isRefusalToo && { 'nothing-sent': NOTHING_SENT }),
    },
    content: {
      'application/json': { schema: FAILED_OUTCOME, examples: Object.fromEntries(examples) },
      ...(problem !== undefined && { 'application/problem+json': describeProblem(http, problem) }),
    },
  } as JsonObject;
}

function buildOutcome({ action_type, example }: ActionDescription): JsonObject {
  const outcome: Outcome = {
    success: true,
    message: `Action ${action_type} executed successfully`,
    action_id: EXAMPLE_ID,
    result_data: { ...example.output },
    error: '',
    status: 'SUCCEEDED',
    replayed: false,
    request_id: '',
    sandbox: false,
  };
  return toJson(outcome);
}

function buildFailedOutcome(code: FailureCode): JsonObject {
  const { status, retryable, meaning } = FAILURES[code];
  const outcome: Outcome = {
    success: false,
    message: status === 'UNKNOWN' ? 'Outcome unknown' : 'Action execution failed',
    action_id: EXAMPLE_ID,
    result_data: {},
    error: meaning,
    status,
    failure: { code, retryable },
    replayed: false,
    request_id: '',
    sandbox: false,
  };
  return { ...toJson(outcome), type: `/docs#${code}`, title: meaning, detail: meaning };
}
