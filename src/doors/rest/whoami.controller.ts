import { Controller, Inject } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { VERSION } from '../../config/version.js';
import { CallerAuthentication } from '../caller-authentication.js';
import { json, Route, type RouteRequest } from '../door/route.js';
import { defineObject, MOMENT, TEXT, YES_NO } from '../door/schema.js';
import { describeCaller, type WhoAmI, whoAmIMembers } from './caller-identity.js';

/** What a request was authenticated by. */
const VIAS = ['session', 'key', 'token'] as const;

interface WhoAsks extends WhoAmI {
  readonly via: (typeof VIAS)[number];
  readonly session_expires_at: string | null;
  readonly sandbox: boolean;
  readonly version: string;
}

const WHO_ASKS = defineObject<WhoAsks>('WhoAsks', {
  ...whoAmIMembers,
  via: {
    type: 'string',
    enum: [...VIAS],
    description: 'What the request was authenticated by: a session cookie, a key or a token',
  },
  session_expires_at: { ...MOMENT, description: 'When the session ends; null without one' },
  sandbox: { ...YES_NO, description: 'The platforms are simulated' },
  version: { ...TEXT, description: 'Of the gateway' },
});

/** Who asks. */
@Controller()
export class WhoAmIController {
  constructor(
    private readonly authentication: CallerAuthentication,
    @Inject(CONFIG) private readonly config: Pick<Config, 'sandbox'>,
  ) {}

  @Route({
    method: 'GET',
    path: '/api/v1/whoami',
    tag: 'Tokens',
    summary: 'Tell who asks, what it may do, within which bounds and until when',
    needs: 'caller',
    headers: { 'cache-control': 'no-store' },
    answers: { 200: json('The caller', WHO_ASKS) },
  })
  tellWhoAsks({ caller, request }: RouteRequest): WhoAsks {
    const session = this.authentication.sessionOf(request);
    const isKey = / agk_/.test(request.headers.authorization ?? '');
    return {
      ...describeCaller(caller),
      via: session ? 'session' : isKey ? 'key' : 'token',
      session_expires_at: session?.expiresAt.toISOString() ?? null,
      sandbox: this.config.sandbox,
      version: VERSION,
    };
  }
}
