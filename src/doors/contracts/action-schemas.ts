import { Envelope } from '../../actions/envelope.js';
import { FAILURES, type Failure, type FieldViolation } from '../../actions/failures.js';
import { describeFields } from '../../actions/fields.js';
import type { JsonObject } from '../../actions/json.js';
import type { Outcome, PreparedCall, PreparedRequest } from '../../actions/outcome.js';
import type { Choices } from '../../actions/platform.js';
import type { ActionDescription } from '../../execution/catalogue.js';
import {
  allowNull,
  defineObject,
  defineSchema,
  describeList,
  describeMembers,
  FREE,
  type Members,
  TEXT,
  TEXTS,
  toJson,
  WHOLE,
  YES_NO,
} from '../door/schema.js';
import { nameAction } from './documented-action.js';
import { STATUS_MEANINGS } from './status-meanings.js';

const statuses = Object.entries(STATUS_MEANINGS).map(
  ([status, { meaning }]) => `- \`${status}\`: ${meaning}`,
);

export const STATUS = defineSchema('Status', {
  type: 'string',
  enum: Object.keys(STATUS_MEANINGS),
  description: statuses.join('\n'),
});

const FIELD_VIOLATION = defineObject<FieldViolation>('FieldViolation', {
  field: { ...TEXT, description: 'Such as `parameters.message`' },
  message: { ...TEXT, description: 'What is wrong and how to mend it' },
});

export const FAILURE = defineObject<Failure>(
  'Failure',
  {
    code: { type: 'string', enum: Object.keys(FAILURES) },
    retryable: { ...YES_NO, description: 'The same request may succeed later, as it is' },
    retry_after_ms: {
      ...WHOLE,
      minimum: 0,
      description: 'Milliseconds until a repeat makes sense',
    },
    platform_status: { ...WHOLE, description: 'HTTP status the platform answered with' },
    platform_code: { ...TEXT, description: "The platform's own error code, where it has one" },
    violations: {
      type: 'array',
      items: FIELD_VIOLATION,
      description: 'Every wrong field of the envelope',
    },
  },
  ['retry_after_ms', 'platform_status', 'platform_code', 'violations'],
  'The reason, for programs',
);

const preparedCall: Members<PreparedCall> = {
  method: TEXT,
  url: TEXT,
  body: FREE,
  headers: {
    type: 'object',
    additionalProperties: TEXT,
    description: 'Of the action itself; never credentials',
  },
  files: {
    type: 'array',
    items: {
      type: 'object',
      required: ['name', 'size'],
      properties: {
        name: TEXT,
        size: {
          type: 'integer',
          description: 'Bytes; -1 for a file that would have to be fetched first',
        },
      },
    },
  },
};

/** Members that not every call has. */
const SOMETIMES: readonly (keyof PreparedCall)[] = ['body', 'headers', 'files'];

const PREPARED_CALL = defineObject<PreparedCall>('PreparedCall', preparedCall, SOMETIMES);

const PREPARED_REQUEST = defineObject<PreparedRequest>(
  'PreparedRequest',
  {
    ...preparedCall,
    reads: {
      type: 'array',
      items: PREPARED_CALL,
      description: 'What would be asked before; the answers are placeholders',
    },
    following: {
      type: 'array',
      items: PREPARED_CALL,
      description: 'The writes after this one, in order; ids of what is made are placeholders',
    },
    missing_scopes: { ...TEXTS, description: 'OAuth scopes the account would still have to grant' },
    cost: { ...WHOLE, description: "Units of the platform's own budget" },
    predicted_wait_ms: {
      ...WHOLE,
      description: 'Milliseconds that limits would hold the action back now',
    },
  },
  SOMETIMES,
  'What a dry run shows',
);

export const OUTCOME = defineSchema<Outcome>('Outcome', ({ actions }) => {
  const members: Members<Outcome> = {
    success: { ...YES_NO, description: 'True for SUCCEEDED, PREPARED, QUEUED and SCHEDULED' },
    message: { ...TEXT, description: 'One line for people' },
    action_id: { ...TEXT, description: 'UUIDv7; empty only where no action was begun' },
    result_data: {
      type: 'object',
      description: 'What came of it; empty unless something did',
      anyOf: [...actions.map((action) => referToResult(action)), FREE],
    },
    error: { ...TEXT, description: 'Why not, in one line for people; empty on success' },
    status: STATUS,
    failure: FAILURE,
    replayed: {
      ...YES_NO,
      description: 'This is the stored answer of an earlier request with the same idempotency key',
    },
    request_id: { ...TEXT, description: 'As it stood in the envelope' },
    prepared: { ...PREPARED_REQUEST, description: 'Of a dry run alone' },
    sandbox: { ...YES_NO, description: 'The platforms were simulated' },
  };
  return describeMembers<Outcome>(
    members,
    ['failure', 'prepared'],
    'What became of one action, the same on every door',
  );
});

export const FAILED_OUTCOME = defineSchema('FailedOutcome', {
  description: 'An outcome with the reason once more in the members of RFC 9457',
  allOf: [OUTCOME],
  type: 'object',
  required: ['failure', 'type', 'title', 'detail'],
  properties: {
    type: { ...TEXT, format: 'uri-reference', description: 'Where the code is explained' },
    title: { ...TEXT, description: 'Meaning of the code' },
    detail: { ...TEXT, description: 'The same as `error`' },
  },
});

/** The envelope's own fields, and in one branch per action the parameters that go with its names. */
export const ENVELOPE = defineSchema('Envelope', ({ actions }) => {
  const branches = actions.map((action) => {
    const needed = action.input_schema['required'];
    const takesSome = Array.isArray(needed) && needed.length > 0;
    return {
      title: nameAction(action),
      description: action.summary,
      properties: {
        platform: { const: action.platform },
        action_type: { const: action.action_type },
        parameters: { $ref: `#/components/schemas/${nameAction(action)}` },
      },
      required: ['platform', 'action_type', ...(takesSome ? ['parameters'] : [])],
    };
  });
  return {
    description: 'One action on one platform in the name of one account',
    ...toJson(allowNull(describeFields(Envelope))),
    ...(branches.length > 0 && { oneOf: branches }),
  };
});

export const BATCH = defineSchema('Batch', ({ forms }) => ({
  type: 'object',
  required: ['actions'],
  properties: {
    actions: {
      type: 'array',
      minItems: 1,
      items: { oneOf: [ENVELOPE, ...forms.map(({ request }) => request)] },
      description: 'As many as MAX_BATCH_SIZE allows',
    },
  },
}));

export const BATCH_ANSWER = defineSchema<object>('BatchAnswer', ({ forms }) => ({
  type: 'object',
  required: ['responses', 'total_count', 'success_count', 'failure_count', 'batch_id'],
  properties: {
    responses: {
      type: 'array',
      items: { oneOf: [OUTCOME, ...forms.map(({ answer }) => answer)] },
      description: 'In the order of the envelopes',
    },
    total_count: { ...WHOLE, minimum: 1 },
    success_count: { ...WHOLE, minimum: 0 },
    failure_count: { ...WHOLE, minimum: 0 },
    batch_id: { ...TEXT, format: 'uuid', description: 'Asks for the progress of the batch' },
  },
}));

const CHOICES = defineObject<Choices>(
  'Choices',
  {
    read: { ...TEXT, description: 'The action of the same platform that reads them, as `items`' },
    value: { ...TEXT, description: 'The member of an item that is taken' },
    label: { ...TEXT, description: 'The member of an item that people know it by' },
    needs: { ...TEXTS, description: 'Parameters that the read needs as well' },
    search: { ...TEXT, description: 'The parameter of the read that takes what was typed so far' },
  },
  ['search'],
  'Where a person may choose the value of a parameter from; every other value is taken as well',
);

const ACTION_DESCRIPTION = defineObject<ActionDescription>(
  'ActionDescription',
  {
    platform: TEXT,
    action_type: TEXT,
    group: { ...TEXT, description: 'Feature flag group' },
    summary: TEXT,
    docs_url: { ...TEXT, format: 'uri', description: "The platform's own page about the call" },
    effect: { type: 'string', enum: ['read', 'create', 'update', 'delete'] },
    destructive: { ...YES_NO, description: 'It takes away or changes what is there' },
    repeatable: { ...YES_NO, description: 'Sending twice is the same as sending once' },
    takes_actor: {
      ...YES_NO,
      description: 'May be done by another account than the one whose channel it is',
    },
    scopes: { ...TEXTS, description: 'OAuth scopes the acting account must have granted' },
    permissions: { ...TEXTS, description: 'What the account must be permitted at the platform' },
    enabled: { ...YES_NO, description: 'No feature flag has switched it off for everybody' },
    input_schema: { ...FREE, description: 'JSON Schema of `parameters`' },
    output_schema: { ...FREE, description: 'JSON Schema of `result_data`' },
    example: {
      type: 'object',
      required: ['input', 'output'],
      properties: { input: FREE, output: FREE },
    },
    choices: {
      type: 'object',
      additionalProperties: CHOICES,
      description: 'By the name of the parameter',
    },
  },
  ['input_schema', 'output_schema', 'example', 'choices'],
  'An action; the view `summary` leaves its schemas, its example and its choices out',
);

export const ACTION_LIST = defineSchema<object>(
  'ActionList',
  describeList('actions', ACTION_DESCRIPTION),
);

/** The parameters and the result of every action, by their names. */
export function describeActions(
  actions: readonly ActionDescription[],
): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(actions.flatMap(describeAction));
}

function describeAction(action: ActionDescription): [string, JsonObject][] {
  const name = nameAction(action);
  const needs = [...action.scopes, ...action.permissions].join(', ');
  return [
    [
      name,
      {
        title: name,
        description: `${action.summary}.${needs && ` Needs ${needs}.`}`,
        externalDocs: { url: action.docs_url },
        ...toJson(allowNull(action.input_schema)),
        examples: [toJson(action.example.input)],
      },
    ],
    [
      nameResult(action),
      {
        title: nameResult(action),
        ...toJson(action.output_schema),
        examples: [toJson(action.example.output)],
      },
    ],
  ];
}

/** Component name of an action's result; its parameters go by the name of the action itself. */
function nameResult(action: ActionDescription): string {
  return `${nameAction(action)}.result`;
}

function referToResult(action: ActionDescription): JsonObject {
  return { $ref: `#/components/schemas/${nameResult(action)}` };
}
