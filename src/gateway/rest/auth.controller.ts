import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { Permission } from '../../actions/caller.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Public } from '../caller.guard.js';
import { CallerTokens } from '../caller-tokens.js';
import { TokenRequest } from '../contracts/bodies.js';
import { refuse } from '../refusal.js';
import { parseBody } from './body.js';

/** The token door. */
@Public()
@Controller('api/v1/auth')
export class AuthController {
  constructor(
    private readonly tokens: CallerTokens,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('token')
  @HttpCode(200)
  @RouteConfig({ rateLimit: { max: 60, timeWindow: '1 minute' } })
  makeToken(@Body() body: unknown): { token: string; expires_in: number } {
    const wish = parseBody(TokenRequest, body);
    if (!this.tokens.isRootKey(wish.api_key)) throw refuse.unauthenticated('Invalid API key');
    const expiresIn = wish.expires_in ?? this.config.JWT_EXPIRATION_SECONDS;
    const token = this.tokens.sign({
      ...wish,
      permissions: wish.permissions as Permission[],
      expiresIn,
    });
    return { token, expires_in: expiresIn };
  }
}
