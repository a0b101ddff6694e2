import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../caller.guard.js';
import { DoorRefusal, refuse } from '../../actions/door-refusal.js';
import { TokenDoor, type TokenReply } from '../../callers/token-door.js';
import { readAsked } from './rest-routes.js';

const DAY_SECONDS = 86_400;

/** Where the earlier services gave out tokens. Unlike some of them, this one looks at the secret. */
@Public()
@Controller('api/v1/token')
export class TokensDoorController {
  constructor(private readonly door: TokenDoor) {}

  /** The earlier Discord service's; its tokens are good for Discord. */
  @Post()
  @HttpCode(200)
  @RouteConfig({ earlierForm: 'discord' })
  async makeForDiscord(@Req() request: FastifyRequest): Promise<TokenReply> {
    const { client_id: id, client_secret: secret } = readAsked(request);
    if (!isText(id) || !isText(secret))
      throw refuse.malformed('Missing client_id or client_secret');
    const reply = await this.door.makeToken({
      api_key: secret,
      service: id,
      platforms: ['discord'],
    });
    if (!reply) throw new DoorRefusal('UNAUTHENTICATED', 401, 'Invalid client credentials');
    return reply;
  }

  /** The earlier YouTube service's; a token is good for the one channel. */
  @Post('generate')
  @RouteConfig({ earlierForm: 'youtube' })
  async makeForYouTube(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { secret, channel_id: channel } = readAsked(request);
    if (!isText(channel)) throw refuse.malformed('channel_id is required');
    const made = isText(secret)
      ? await this.door.makeToken({
          api_key: secret,
          service: 'youtube_action_module',
          permissions: ['execute_actions'],
          platforms: ['youtube'],
          accounts: [channel],
          expires_in: DAY_SECONDS,
        })
      : undefined;
    if (!made) throw new DoorRefusal('UNAUTHENTICATED', 401, 'Invalid secret');
    void reply.status(200).send({ success: true, token: made.token });
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 1_000;
}
