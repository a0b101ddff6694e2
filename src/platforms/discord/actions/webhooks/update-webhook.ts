import { requireChange } from '../../../../actions/changes.js';
import { List, Text } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  giveReason,
  leaveOut,
  Reason,
  requireSame,
  Snowflake,
  takeAway,
} from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';
import { Picture, readPictures } from '../../pictures.js';

class UpdateWebhook {
  @GuildOfNames()
  guild_id?: string;

  @Snowflake('Id of the webhook', { example: '1300000000000000181' })
  webhook_id!: string;

  @Text('Its name', { optional: true, max: 80 })
  name?: string;

  @Picture('Its picture', { optional: true })
  avatar?: string;

  @DiscordChannel('The channel', { optional: true })
  channel_id?: string;

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: ['avatar', 'channel_id'],
  })
  reset?: string[];

  @Reason()
  reason?: string;
}

class UpdateWebhookResult {
  @Snowflake('Id of the webhook')
  webhook_id!: string;
}

interface UpdateWebhookAnswer {
  readonly id: string;
}

/** @see https://discord.com/developers/docs/resources/webhook#modify-webhook */
export const updateWebhook = discordAction({
  type: 'update_webhook',
  group: 'webhooks',
  summary: 'Change a webhook',
  docs: 'https://discord.com/developers/docs/resources/webhook#modify-webhook',
  effect: 'update',
  repeatable: true,
  scopes: [],
  permissions: ['MANAGE_WEBHOOKS'],
  actsAs: 'account',
  input: UpdateWebhook,
  output: UpdateWebhookResult,
  check: ({ webhook_id: _webhook0, guild_id: _guild1, reason: _reason2, ...changes }) =>
    requireChange(changes),
  run: async (input, _context, upstream) => {
    const { webhook_id, reset, reason, ...rest } = input;
    const body = leaveOut(rest, ['guild_id']);
    const pictures = await readPictures(body, ['avatar'], upstream);
    const answer = await upstream.send<UpdateWebhookAnswer>({
      method: 'PATCH',
      path: buildPath(['webhooks', webhook_id]),
      headers: giveReason(reason),
      body: { ...body, ...takeAway(reset), ...pictures },
    });
    return { webhook_id: requireSame(answer.id, input.webhook_id) };
  },
  example: {
    input: { webhook_id: '1300000000000000181', name: 'Alarms' },
    output: { webhook_id: '1300000000000000181' },
  },
});
