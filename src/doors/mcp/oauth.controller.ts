import { Controller, Inject } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type Permission, PERMISSIONS } from '../../actions/caller.js';
import { refuse } from '../../actions/door-refusal.js';
import { Callers } from '../../callers/callers.js';
import { TokenIssuer } from '../../callers/token-issuer.js';
import { CONFIG, type Config, readPublicUrl } from '../../config/config.js';
import { json, type PublicRequest, Route } from '../door/route.js';
import { defineObject, TEXT, TEXTS, WHOLE } from '../door/schema.js';
import { MCP } from './mcp-names.js';
import { OAUTH, OAuthRefusal } from './oauth-refusal.js';
import { TokenForm } from './token-form.js';

const GRANT = 'client_credentials';
const LARGEST_REQUEST = 65_536;
const NO_STORE = { 'cache-control': 'no-store' };

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4.3 */
interface IssuedToken {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope: string;
}

/** @see https://www.rfc-editor.org/rfc/rfc9728#section-2 */
interface ResourceMetadata {
  readonly resource: string;
  readonly resource_name: string;
  readonly authorization_servers: readonly string[];
  readonly bearer_methods_supported: readonly string[];
  readonly scopes_supported: readonly string[];
}

/** @see https://www.rfc-editor.org/rfc/rfc8414#section-2 */
interface ServerMetadata {
  readonly issuer: string;
  /** Clients demand it; it refuses, since no grant of a person is offered. */
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly grant_types_supported: readonly string[];
  readonly response_types_supported: readonly string[];
  readonly token_endpoint_auth_methods_supported: readonly string[];
  readonly scopes_supported: readonly string[];
}

const ISSUED_TOKEN = defineObject<IssuedToken>('IssuedToken', {
  access_token: { ...TEXT, description: 'A JWT for the Authorization header' },
  token_type: { const: 'Bearer' },
  expires_in: { ...WHOLE, description: 'Seconds' },
  scope: { ...TEXT, description: 'The permissions that it has, with spaces between them' },
});

const RESOURCE_METADATA = defineObject<ResourceMetadata>('ResourceMetadata', {
  resource: TEXT,
  resource_name: TEXT,
  authorization_servers: TEXTS,
  bearer_methods_supported: TEXTS,
  scopes_supported: TEXTS,
});

const SERVER_METADATA = defineObject<ServerMetadata>('AuthorizationServerMetadata', {
  issuer: TEXT,
  authorization_endpoint: { ...TEXT, description: 'Refuses: people do not sign in here' },
  token_endpoint: TEXT,
  grant_types_supported: TEXTS,
  response_types_supported: TEXTS,
  token_endpoint_auth_methods_supported: TEXTS,
  scopes_supported: TEXTS,
});

/** How clients of MCP find out where tokens are had, and get one. */
@Controller()
export class OAuthController {
  readonly #url: string;

  constructor(
    private readonly issuer: TokenIssuer,
    private readonly callers: Callers,
    @Inject(CONFIG) config: Config,
  ) {
    this.#url = readPublicUrl(config);
  }

  @Route({
    method: 'GET',
    path: '/.well-known/oauth-protected-resource',
    tag: OAUTH.tag,
    id: 'describeResource',
    summary: 'Where tokens for the MCP door are had (RFC 9728)',
    needs: 'public',
    answers: { 200: json('The metadata', RESOURCE_METADATA) },
  })
  describeResource(): ResourceMetadata {
    return {
      resource: `${this.#url}${MCP.path}`,
      resource_name: 'Action gateway',
      authorization_servers: [this.#url],
      bearer_methods_supported: ['header'],
      // Clients ask for all of these when they ask for a token.
      scopes_supported: ['execute_actions'],
    };
  }

  @Route({
    method: 'GET',
    path: MCP.resourceMetadata,
    tag: OAUTH.tag,
    id: 'describeMcpResource',
    summary: 'The same at the address that belongs to the path of the MCP door',
    needs: 'public',
    answers: { 200: json('The metadata', RESOURCE_METADATA) },
  })
  describeMcpResource(): ResourceMetadata {
    return this.describeResource();
  }

  @Route({
    method: 'GET',
    path: '/.well-known/oauth-authorization-server',
    tag: OAUTH.tag,
    id: 'describeAuthorizationServer',
    summary: 'What the token endpoint offers (RFC 8414)',
    needs: 'public',
    answers: { 200: json('The metadata', SERVER_METADATA) },
  })
  describeServer(): ServerMetadata {
    return {
      issuer: this.#url,
      authorization_endpoint: `${this.#url}${OAUTH.authorize}`,
      token_endpoint: `${this.#url}${OAUTH.path}`,
      grant_types_supported: [GRANT],
      response_types_supported: [],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      scopes_supported: PERMISSIONS,
    };
  }

  @Route({
    method: 'GET',
    path: OAUTH.authorize,
    tag: OAUTH.tag,
    id: 'refuseAuthorization',
    summary: 'Refuses: only the client credentials grant is offered',
    needs: 'public',
    refusesAs: OAUTH.dialect,
    answers: {},
  })
  refuseAuthorization(): never {
    throw new OAuthRefusal(
      'unsupported_response_type',
      `People do not sign in here: configure the client with the name of a caller and its key, for the grant ${GRANT}, or with the key as a bearer token`,
    );
  }

  @Route({
    method: 'POST',
    path: OAUTH.path,
    tag: OAUTH.tag,
    id: 'issueToken',
    summary: 'A token by the client credentials grant (RFC 6749 section 4.4)',
    description:
      'The client id is the name or the identity of a caller, the secret is its key. With a root key as the secret, the client id names the service. At most 60 requests in a minute from one address.',
    needs: 'public',
    refusesAs: OAUTH.dialect,
    security: [{ clientCredentials: [] }],
    perMinute: 60,
    maxBodyBytes: LARGEST_REQUEST,
    headers: NO_STORE,
    rawBody: {
      required: true,
      content: {
        'application/x-www-form-urlencoded': {
          schema: {
            type: 'object',
            required: ['grant_type'],
            properties: {
              grant_type: { const: GRANT },
              scope: { ...TEXT, description: 'Permissions, with spaces between them' },
              resource: { ...TEXT, description: 'RFC 8707: the address of the MCP door' },
              client_id: TEXT,
              client_secret: TEXT,
            },
          },
        },
      },
    },
    answers: { 200: json('The token', ISSUED_TOKEN) },
  })
  async issueToken({ body, request }: PublicRequest): Promise<IssuedToken> {
    if (!(body instanceof TokenForm))
      throw new OAuthRefusal('invalid_request', 'Send application/x-www-form-urlencoded');
    if (body.read('grant_type') !== GRANT)
      throw new OAuthRefusal('unsupported_grant_type', `grant_type must be ${GRANT}`);
    this.#requireResource(body.read('resource'));
    const permissions = readScope(body.read('scope'));
    const { id, secret } = readClient(request, body);
    const caller = this.callers.exchange(secret);
    const isOther = caller && id !== caller.id && id !== caller.name;
    const token = isOther
      ? undefined
      : await this.issuer.makeToken({ api_key: secret, service: id, permissions });
    if (!token) throw refuse.unauthenticated('The client id and the client secret do not fit');
    const granted = permissions ?? [...(caller?.permissions ?? ['execute_actions'])];
    return {
      access_token: token.token,
      token_type: 'Bearer',
      expires_in: token.expires_in,
      scope: granted.join(' '),
    };
  }

  /** @throws OAuthRefusal for a resource that is not of this gateway */
  #requireResource(resource: string | undefined): void {
    const own = [this.#url, `${this.#url}/`, `${this.#url}${MCP.path}`];
    if (resource === undefined || own.includes(resource)) return;
    throw new OAuthRefusal('invalid_target', `resource must be ${this.#url}${MCP.path}`);
  }
}

/** @throws OAuthRefusal for a permission that is not there */
function readScope(scope: string | undefined): readonly Permission[] | undefined {
  const names = scope?.split(' ').filter((name) => name !== '');
  const known: readonly string[] = PERMISSIONS;
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown === undefined) return names as readonly Permission[] | undefined;
  throw new OAuthRefusal(
    'invalid_scope',
    `There is no permission "${unknown.slice(0, 64)}": name some of ${PERMISSIONS.join(', ')}`,
  );
}

/**
 * The client, by the header or by the form.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 * @throws OAuthRefusal for a client that is shown twice; DoorRefusal UNAUTHENTICATED for none
 */
function readClient(
  { headers: { authorization } }: Pick<FastifyRequest, 'headers'>,
  form: TokenForm,
): { readonly id: string; readonly secret: string } {
  const posted = form.read('client_secret');
  if (authorization === undefined && posted !== undefined)
    return { id: form.read('client_id') ?? '', secret: posted };
  if (authorization !== undefined && posted !== undefined)
    throw new OAuthRefusal(
      'invalid_request',
      'Send the client secret once, in the header or in the form',
    );
  const [, encoded = ''] = /^basic ([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '') ?? [];
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  if (id === undefined || secret === undefined)
    throw refuse.unauthenticated('Send the client id and the client secret, such as by HTTP Basic');
  return { id: decodePart(id), secret: decodePart(secret) };
}

/** Both parts are form-encoded before they are joined. */
function decodePart(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
