import type { Permission } from '../../actions/caller.js';
import type { FieldClass } from '../../actions/fields.js';
import type { JsonObject } from '../../actions/json.js';
import { CredentialsQuery } from './credential-bodies.js';
import { refer } from './openapi-schemas.js';

/** How the document describes what its routes have in common. */
interface Wording {
  answerJson(description: string, schema: JsonObject, more?: JsonObject): JsonObject;
  takeJson(schema: JsonObject, more?: JsonObject): JsonObject;
  refuseWith(...statuses: readonly (400 | 401 | 403 | 404 | 413 | 415)[]): JsonObject;
  need(...permissions: readonly Permission[]): JsonObject;
  listQuery(type: FieldClass): JsonObject[];
}

const NAMED = {
  credential_ref: 'CRED-d2hvIHJlYWRz',
  customer_id: 'acme',
};
const TOKENS = { access_token: 'the-access-token', refresh_token: 'the-refresh-token' };

/** The routes of credentials by reference. */
export function describeCredentialPaths(wording: Wording): JsonObject {
  const { answerJson, takeJson, refuseWith, need, listQuery } = wording;
  const serve = (
    operationId: string,
    summary: string,
    body: string,
    example: JsonObject,
    answer: JsonObject,
  ): JsonObject => ({
    post: {
      operationId,
      tags: ['Accounts'],
      summary,
      description:
        'For services, with CREDENTIAL_SERVING_KEY in the header `X-Plant-Internal-Key`. Without ' +
        'that setting the route is not there (404).',
      security: [{ servingKey: [] }],
      requestBody: takeJson(refer(body), { example }),
      responses: {
        200: answer,
        422: answerJson('A field or the header is missing or wrong', refer('FieldFaults')),
        ...refuseWith(400, 403, 404, 413, 415),
      },
    },
  });
  return {
    '/api/cp/platform-credentials': {
      put: {
        operationId: 'putCredential',
        tags: ['Accounts'],
        summary: 'Store tokens as an account of the caller, and get a name for them',
        description: 'The caller must have an owner: that is the customer.',
        ...need('manage_accounts'),
        requestBody: takeJson(refer('PutCredential'), {
          example: { platform: 'youtube', posting_identity: 'Our channel', ...TOKENS },
        }),
        responses: {
          200: answerJson('The credential by its name', refer('OwnCredential')),
          ...refuseWith(400, 401, 403, 404, 413, 415),
        },
      },
      get: {
        operationId: 'listCredentials',
        tags: ['Accounts'],
        summary: "List the caller's credentials by their names",
        ...need('manage_accounts'),
        parameters: listQuery(CredentialsQuery),
        responses: {
          200: answerJson('The latest, the oldest of them first', {
            type: 'array',
            items: refer('OwnCredential'),
          }),
          ...refuseWith(400, 401, 403),
        },
      },
    },
    '/api/internal/plant/credentials/resolve': serve(
      'resolveCredential',
      'Give out the tokens behind a name',
      'ResolveCredential',
      NAMED,
      answerJson('The credential', refer('ResolvedCredential')),
    ),
    '/api/internal/plant/credentials/update-token': serve(
      'updateCredentialToken',
      'Take an access token that whoever resolved a name has renewed',
      'UpdateToken',
      { ...NAMED, new_access_token: 'the-new-access-token' },
      answerJson('Taken', refer('TokenUpdate'), {
        example: { status: 'success', message: 'Access token updated' },
      }),
    ),
    '/api/internal/plant/credentials/upsert': serve(
      'upsertCredential',
      'Store tokens for a customer, and give them a name',
      'UpsertCredential',
      { customer_id: 'acme', platform: 'youtube', ...TOKENS },
      answerJson('The credential by its name', refer('Credential')),
    ),
  };
}
