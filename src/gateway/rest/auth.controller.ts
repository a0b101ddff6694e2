import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Public } from '../caller.guard.js';
import { TokenRequest } from '../contracts/bodies.js';
import { refuse } from '../../actions/door-refusal.js';
import { TokenDoor, type TokenReply } from '../../callers/token-door.js';
import { parseBody } from './body.js';

/** The token door. */
@Public()
@Controller('api/v1/auth')
export class AuthController {
  constructor(private readonly door: TokenDoor) {}

  @Post('token')
  @HttpCode(200)
  async makeToken(@Body() body: unknown): Promise<TokenReply> {
    const reply = await this.door.makeToken(parseBody(TokenRequest, body));
    if (!reply) throw refuse.unauthenticated('Invalid API key');
    return reply;
  }
}
