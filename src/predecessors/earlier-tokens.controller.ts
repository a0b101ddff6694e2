import { Controller } from '@nestjs/common';
import { DoorRefusal, refuse } from '../actions/door-refusal.js';
import { TokenIssuer, type TokenReply } from '../callers/token-issuer.js';
import { type PublicRequest, Route } from '../doors/door/route.js';
import { describeFields, describeMembers, EARLIER_REFUSALS } from './describe.js';
import { readEarlierRequest } from './rest-routes.js';

const DAY_SECONDS = 86_400;

/** Where the earlier Discord service made tokens. Unlike there, the secret is checked. */
@Controller()
export class DiscordTokensController {
  constructor(private readonly door: TokenIssuer) {}

  /** The earlier Discord service's; its tokens are good for Discord. */
  @Route({
    method: 'POST',
    path: '/api/v1/token',
    tag: 'Earlier services',
    summary: 'Make a token for Discord; client_secret is the key of a caller, or a root key',
    needs: 'public',
    refusesAs: 'discord',
    rawBody: describeFields(['client_id', 'client_secret']),
    answers: { 200: describeMembers('Done', ['token', 'expires_in']), ...EARLIER_REFUSALS },
  })
  async makeDiscordToken({ request }: PublicRequest): Promise<TokenReply> {
    const { client_id: id, client_secret: secret } = readEarlierRequest(request);
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
}

/** Where the earlier YouTube service made tokens. Unlike there, the secret is checked. */
@Controller()
export class YouTubeTokensController {
  constructor(private readonly door: TokenIssuer) {}

  /** The earlier YouTube service's; a token is good for the one channel, without one for all of them. */
  @Route({
    method: 'POST',
    path: '/api/v1/token/generate',
    tag: 'Earlier services',
    summary:
      'Make a token for one channel of YouTube; secret is the key of a caller, or a root key',
    needs: 'public',
    refusesAs: 'youtube',
    rawBody: describeFields(['secret', 'channel_id']),
    answers: { 200: describeMembers('Done', ['success', 'token']), ...EARLIER_REFUSALS },
  })
  async makeYouTubeToken({ request }: PublicRequest): Promise<object> {
    const { secret, channel_id: channel } = readEarlierRequest(request);
    const isOfChannel = channel !== undefined && channel !== null && channel !== '';
    const made =
      isText(secret) && (isText(channel) || !isOfChannel)
        ? await this.door.makeToken({
            api_key: secret,
            service: 'youtube_action_module',
            permissions: ['execute_actions'],
            platforms: ['youtube'],
            ...(isText(channel) && { accounts: [channel] }),
            expires_in: DAY_SECONDS,
            earlier: 'youtube',
          })
        : undefined;
    if (made) return { success: true, token: made.token };
    if (isText(secret) && isOfChannel && !isText(channel))
      throw refuse.malformed('channel_id must be a text');
    throw new DoorRefusal('UNAUTHENTICATED', 401, 'Invalid secret');
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 1_000;
}
