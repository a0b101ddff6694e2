import { Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, giveReason, Reason, Snowflake } from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

/** Base64 of a picture: what the gateway's doors let through is less than what Discord takes. */
const LONGEST_AVATAR = 2_800_000;

class CreateWebhook {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000001' })
  channel_id!: string;

  @Text('Its name; "clyde" and "discord" must not be part of it', {
    visible: true,
    max: 80,
    example: 'News',
  })
  name!: string;

  @Text('Its picture, as a data URI', {
    optional: true,
    max: LONGEST_AVATAR,
    private: true,
    pattern: /^data:image\/(png|jpeg|gif);base64,[A-Za-z0-9+/]+={0,2}$/,
    patternMeans: 'a PNG, JPEG or GIF as data:image/png;base64,…',
  })
  avatar?: string;

  @Reason()
  reason?: string;
}

class CreatedWebhook {
  @Snowflake('Id of the webhook')
  webhook_id!: string;

  @Text('Its secret, with which anyone can write to the channel', { private: true })
  webhook_token!: string;

  @Text('Its address, which holds the secret', { private: true })
  webhook_url!: string;
}

/** @throws TypeError when one of them is missing from the answer */
function buildAddress(id: unknown, token: unknown): string {
  if (typeof id !== 'string' || typeof token !== 'string' || token === '')
    throw new TypeError('The answer does not hold the webhook');
  return `https://discord.com/api/webhooks/${id}/${token}`;
}

/** @see https://discord.com/developers/docs/resources/webhook#create-webhook */
export const createWebhook = discordAction({
  type: 'create_webhook',
  group: 'webhooks',
  summary: 'Create a webhook in a channel',
  docs: 'https://discord.com/developers/docs/resources/webhook#create-webhook',
  effect: 'create',
  scopes: [],
  permissions: ['MANAGE_WEBHOOKS'],
  actsAs: 'account',
  input: CreateWebhook,
  output: CreatedWebhook,
  check: ({ name }) =>
    /clyde|discord/i.test(name)
      ? [{ field: 'name', message: 'must not contain "clyde" or "discord"' }]
      : [],
  request: ({ channel_id, name, avatar, reason }) => ({
    method: 'POST',
    path: buildPath(['channels', channel_id, 'webhooks']),
    headers: giveReason(reason),
    body: { name, ...(avatar !== undefined && { avatar }) },
  }),
  response: ({ id, token }: { id: string; token: string }) => ({
    webhook_id: id,
    webhook_token: token,
    webhook_url: buildAddress(id, token),
  }),
  example: {
    input: { channel_id: '700000000000000001', name: 'News' },
    output: {
      webhook_id: '1300000000000000002',
      webhook_token: 'secret-of-the-webhook',
      webhook_url: 'https://discord.com/api/webhooks/1300000000000000002/secret-of-the-webhook',
    },
  },
});
