import type { JsonObject } from '../../actions/json.js';
import { defineSchema, type Schema, TIME, toJson } from '../door/schema.js';
import { OUTCOME } from './action-schemas.js';

const NO_DATA: JsonObject = { type: 'object', maxProperties: 0 };

const FINISHED = defineSchema('ActionFinished', {
  type: 'object',
  description: 'The body of a callback',
  required: ['type', 'timestamp', 'data'],
  properties: {
    type: { const: 'action.finished' },
    timestamp: { ...TIME, description: 'When this try was sent' },
    data: OUTCOME,
  },
});

const TEST_DELIVERY = defineSchema('CallbackTestDelivery', {
  type: 'object',
  description: 'The body of `POST /api/v1/callbacks/test`',
  required: ['type', 'timestamp', 'data'],
  properties: {
    type: { const: 'test' },
    timestamp: { ...TIME, description: 'When it was sent' },
    data: NO_DATA,
  },
});

/** @see https://github.com/cloudevents/spec/blob/main/cloudevents/formats/json-format.md */
function defineCloudEvent(name: string, type: string, data: Schema): Schema {
  const text = { type: 'string', minLength: 1 };
  return defineSchema(name, {
    type: 'object',
    required: ['specversion', 'id', 'source', 'type', 'time', 'data'],
    properties: {
      specversion: { const: '1.0' },
      id: { ...text, description: 'That of the header webhook-id' },
      source: { ...text, description: 'The address of the gateway' },
      type: { const: type },
      subject: { ...text, description: 'The action_id; left out of a test' },
      time: { ...TIME, description: 'When this try was sent' },
      datacontenttype: { const: 'application/json' },
      data,
    },
  });
}

const FINISHED_EVENT = defineCloudEvent('ActionFinishedEvent', 'action.finished', OUTCOME);
const TEST_EVENT = defineCloudEvent('CallbackTestEvent', 'test', NO_DATA);

/** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
const SIGNED: readonly JsonObject[] = [
  {
    name: 'webhook-id',
    in: 'header',
    required: true,
    description: 'The same for every repeat; another one when an unknown outcome has become final',
    schema: { type: 'string' },
  },
  {
    name: 'webhook-timestamp',
    in: 'header',
    required: true,
    description: 'Unix seconds of this try. Refuse one that is more than five minutes off',
    schema: { type: 'string', pattern: '^[0-9]+$' },
  },
  {
    name: 'webhook-signature',
    in: 'header',
    required: true,
    description:
      'One `v1,` and base64 for every secret of CALLBACK_SECRETS, with spaces between: HMAC-SHA256 of `id.timestamp.body`. One that fits is enough',
    schema: { type: 'string', pattern: '^v1,[A-Za-z0-9+/]+={0,2}( v1,[A-Za-z0-9+/]+={0,2})*$' },
  },
];

const RESPONSES: JsonObject = {
  '2XX': { description: 'It is accepted, and not sent again' },
  410: { description: 'No more is wanted: it is not sent again' },
  default: { description: 'Any other answer, or none within 15 seconds: it is sent again later' },
};

/** What the gateway sends to addresses of callers. */
export function describeWebhooks(): JsonObject {
  return {
    'action.finished': describeDelivery(
      'receiveActionFinished',
      'The outcome of an action with a `callback_url`, signed, at least once',
      FINISHED,
      FINISHED_EVENT,
    ),
    test: describeDelivery(
      'receiveTest',
      'A test delivery, signed, once',
      TEST_DELIVERY,
      TEST_EVENT,
    ),
  };
}

function describeDelivery(
  operationId: string,
  summary: string,
  schema: Schema,
  event: Schema,
): JsonObject {
  return toJson({
    post: {
      operationId,
      tags: ['Actions'],
      summary,
      security: [],
      parameters: SIGNED,
      requestBody: {
        required: true,
        description: 'CALLBACK_FORMAT of the gateway decides which of the two comes',
        content: {
          'application/json': { schema },
          'application/cloudevents+json': { schema: event },
        },
      },
      responses: RESPONSES,
    },
  });
}
