import type { JsonObject } from '../../actions/json.js';
import type { DialectContract } from '../door/dialect.js';
import type { Route } from '../door/route.js';
import { collectSchemas } from '../door/schema.js';
import { describeActions } from './action-schemas.js';
import { type DocumentedAction, sortActions } from './documented-action.js';
import type { Documented } from '../door/schema.js';
import { describeRoutes } from './operations.js';
import { describeProblems } from './problems.js';
import { describeTags } from './tags.js';
import { describeWebhooks } from './webhooks.js';

export interface OpenApiOptions {
  readonly version: string;
  /** Where callers reach the REST door; left out, paths are relative to the document. */
  readonly publicUrl?: string;
  /** What dialects add. */
  readonly dialects: readonly DialectContract[];
}

/** The REST door as an OpenAPI 3.1 document, made from its routes, the catalogue and the failure table. */
export function buildOpenApi(
  actions: readonly DocumentedAction[],
  routes: readonly Route[],
  { version, publicUrl, dialects }: OpenApiOptions,
): JsonObject {
  const sorted = sortActions(actions);
  const dialectTags = dialects.flatMap(({ tags = {} }) => Object.entries(tags));
  const documented: Documented = {
    actions: sorted,
    forms: dialects.flatMap(({ envelopes }) => envelopes ?? []),
    dialectTags: new Set(dialectTags.map(([name]) => name)),
  };
  const paths = describeRoutes(routes, documented);
  const responses = describeProblems();
  const webhooks = describeWebhooks();
  return {
    openapi: '3.1.0',
    info: {
      title: 'Action gateway',
      version,
      description:
        'Carries out actions on platforms and answers with what really happened. An answer with the ' +
        'header `nothing-sent: 1` comes from the door itself: no platform heard of the request, and ' +
        'it may be repeated as it is.',
      license: { name: 'AGPL-3.0-only', identifier: 'AGPL-3.0-only' },
    },
    servers: [{ url: publicUrl?.replace(/\/$/, '') || '/' }],
    tags: describeTags(dialectTags),
    security: [{ callerToken: [] }],
    paths,
    webhooks,
    components: {
      schemas: collectSchemas({ paths, webhooks, responses }, documented, describeActions(sorted)),
      responses,
      headers: HEADERS,
      securitySchemes: Object.assign(
        {},
        SECURITY_SCHEMES,
        ...dialects.map(({ securitySchemes }) => securitySchemes),
      ) as JsonObject,
    },
  };
}

const HEADERS: JsonObject = {
  'nothing-sent': {
    description: 'No platform heard of this request: it may be repeated as it is',
    schema: { const: '1' },
  },
  'retry-after': {
    description: 'Seconds until a repeat makes sense',
    schema: { type: 'integer', minimum: 0 },
  },
  'idempotent-replayed': {
    description:
      'The outcome is the one of an earlier request with the same key: nothing was carried out now',
    schema: { const: 'true' },
  },
  'ratelimit-policy': {
    description:
      "The caller's budget: `q` requests in `w` seconds (draft-ietf-httpapi-ratelimit-headers). Missing where a caller has no limit",
    schema: { type: 'string' },
    example: '"caller";q=600;w=60',
  },
  ratelimit: {
    description:
      'What is left of the budget: `r` requests for the next `t` seconds, as far as this replica knows',
    schema: { type: 'string' },
    example: '"caller";r=594;t=42',
  },
};

const SECURITY_SCHEMES: JsonObject = {
  servingKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Plant-Internal-Key',
    description: 'CREDENTIAL_SERVING_KEY, for services that resolve credentials here.',
  },
  callerToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'A token of `POST /api/v1/auth/token`. The names beside an operation are permissions.',
  },
};
