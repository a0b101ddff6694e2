import { Controller } from '@nestjs/common';
import { PERMISSIONS } from '../../actions/caller.js';
import { refuse } from '../../actions/door-refusal.js';
import { Integer, List, Text } from '../../actions/fields.js';
import { TokenIssuer, type TokenReply } from '../../callers/token-issuer.js';
import { Dialects } from '../door/dialects.js';
import { json, type PublicRequest, Route } from '../door/route.js';
import { defineObject, Described, TEXT, WHOLE } from '../door/schema.js';

const ONE_YEAR_SECONDS = 31_536_000;
/** A request for a token is short, and its caller is not known yet. */
const LARGEST_REQUEST = 65_536;

/** Body of the token door. */
@Described('What a token is asked for with')
class TokenRequest {
  @Text("A caller's own key, or the root key: one of MODULE_SECRET_KEY", {
    min: 0,
    max: 1_000,
    private: true,
    default: '',
  })
  api_key!: string;

  @Text("Who will use the token; stands in the log. A caller's own key says that itself", {
    max: 255,
    default: 'unknown',
  })
  service!: string;

  @List(
    'What the token permits; left out, execute_actions, and with a key of its own all that the caller may',
    { optional: true, choices: PERMISSIONS },
  )
  permissions?: string[];

  @List('Only these platforms', { optional: true, maxItems: 100 })
  platforms?: string[];

  @List('Only these account and actor ids', { optional: true, maxItems: 1_000 })
  accounts?: string[];

  @List('Only these platforms, groups or actions, such as twitch.chat', {
    optional: true,
    maxItems: 1_000,
  })
  actions?: string[];

  @Integer('Seconds until it ends', { optional: true, min: 1, max: ONE_YEAR_SECONDS })
  expires_in?: number;
}

const TOKEN = defineObject<TokenReply>('Token', {
  token: { ...TEXT, description: 'A JWT for the Authorization header' },
  expires_in: { ...WHOLE, description: 'Seconds' },
});

/** The token door. */
@Controller()
export class AuthController {
  constructor(
    private readonly door: TokenIssuer,
    private readonly dialects: Dialects,
  ) {}

  @Route({
    method: 'POST',
    path: '/api/v1/auth/token',
    tag: 'Tokens',
    summary: 'Make a token for a caller',
    description: 'At most 60 requests in a minute from one address.',
    needs: 'public',
    maxBodyBytes: LARGEST_REQUEST,
    body: TokenRequest,
    example: {
      api_key: 'one-of-the-keys-in-MODULE_SECRET_KEY',
      service: 'router',
      permissions: ['execute_actions'],
    },
    answers: { 200: json('The token', TOKEN) },
    refuses: [401],
  })
  async makeToken({ body, request }: PublicRequest<{ body: TokenRequest }>): Promise<TokenReply> {
    const { permissions, platforms, accounts, actions } = body;
    const isPlain = (permissions ?? platforms ?? accounts ?? actions) === undefined;
    // A request that bounds its token has the form of ours, wherever it comes.
    const earlier = isPlain ? this.dialects.findAddressed(request)?.tokensOf : undefined;
    const reply = await this.door.makeToken({ ...body, earlier });
    if (!reply) throw refuse.unauthenticated('Invalid API key');
    return reply;
  }
}
