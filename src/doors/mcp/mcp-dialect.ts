import type { FastifyReply } from 'fastify';
import type { DoorRefusal } from '../../actions/door-refusal.js';
import { CONFIG, type Config, readPublicUrl } from '../../config/config.js';
import type { Dialect, DialectDeclaration } from '../door/dialect.js';
import { prepareProblem } from '../door/refusals.js';
import { McpController } from './mcp.controller.js';
import { McpHandler } from './mcp-handler.js';
import { MCP } from './mcp-names.js';
import { OAUTH_DIALECT } from './oauth-dialect.js';
import { Toolbox } from './toolbox.js';

/** Codes of JSON-RPC for what is refused before a message is looked at. */
const INVALID_REQUEST = -32_600;
const INTERNAL_ERROR = -32_603;
/** Of the range that the protocol leaves to servers. */
const REFUSED = -32_000;

/** Refuses in the form of JSON-RPC, and tells a client without a token where tokens are had. */
function makeDialect(config: Config): Dialect {
  const metadata = `${readPublicUrl(config)}${MCP.resourceMetadata}`;
  return {
    refuseRest(refusal: DoorRefusal, reply: FastifyReply): void {
      prepareProblem(reply, refusal);
      if (refusal.isWrongCredential) {
        const wasShown = reply.request.headers.authorization !== undefined;
        // RFC 6750 section 3.1: no code where no credential was shown.
        const fault = wasShown ? ', error="invalid_token"' : '';
        void reply.header('www-authenticate', `Bearer resource_metadata="${metadata}"${fault}`);
      }
      const error = { code: findCode(refusal), message: refusal.message };
      void reply.type('application/json').send({ jsonrpc: '2.0', id: null, error });
    },
  };
}

function findCode({ http }: DoorRefusal): number {
  if (http >= 500) return INTERNAL_ERROR;
  return http === 400 || http === 413 || http === 415 ? INVALID_REQUEST : REFUSED;
}

const MCP_DIALECT: DialectDeclaration = {
  name: MCP.dialect,
  controllers: [McpController],
  providers: [McpHandler, Toolbox],
  contract: { tags: { [MCP.tag]: 'Actions as tools of the Model Context Protocol' } },
  make: { inject: [CONFIG], useFactory: makeDialect },
};

/** The MCP door, and how its clients get tokens; loaded where ENABLE_MCP is on. */
export const MCP_DIALECTS: readonly DialectDeclaration[] = [MCP_DIALECT, OAUTH_DIALECT];
