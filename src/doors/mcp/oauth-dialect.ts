import type { FastifyReply } from 'fastify';
import { DoorRefusal } from '../../actions/door-refusal.js';
import type { Dialect, DialectDeclaration } from '../door/dialect.js';
import { prepareProblem } from '../door/refusals.js';
import { OAuthController } from './oauth.controller.js';
import { OAUTH, OAuthRefusal } from './oauth-refusal.js';

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
const dialect: Dialect = {
  refuseRest(refusal: DoorRefusal, reply: FastifyReply): void {
    prepareProblem(reply, refusal);
    if (refusal.isWrongCredential)
      void reply.header('www-authenticate', 'Basic realm="action-gateway"');
    // RFC 6749 section 5.2 knows 400 and 401 alone for what the client did wrong.
    if (refusal.http === 403) void reply.status(400);
    const body = { error: findCode(refusal), error_description: refusal.message };
    void reply.header('cache-control', 'no-store').type('application/json').send(body);
  },
};

function findCode(refusal: DoorRefusal): string {
  if (refusal instanceof OAuthRefusal) return refusal.code;
  if (refusal.isWrongCredential) return 'invalid_client';
  if (refusal.grpc === 'PERMISSION_DENIED') return 'invalid_scope';
  return refusal.http >= 500 || refusal.http === 429
    ? 'temporarily_unavailable'
    : 'invalid_request';
}

/** The token endpoint of OAuth 2.0, and what describes it. */
export const OAUTH_DIALECT: DialectDeclaration = {
  name: OAUTH.dialect,
  controllers: [OAuthController],
  contract: {
    tags: { [OAUTH.tag]: 'Tokens by the client credentials grant of OAuth 2.0' },
    securitySchemes: {
      clientCredentials: {
        type: 'http',
        scheme: 'basic',
        description: 'The name or the identity of a caller, and its key',
      },
    },
  },
  make: { useFactory: () => dialect },
};
