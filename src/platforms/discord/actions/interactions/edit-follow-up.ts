import { discordAction, Snowflake, requireSame } from '../../discord-action.js';
import { attachFiles } from '../../files.js';
import {
  applicationOf,
  askInteraction,
  InteractionContent,
  InteractionToken,
} from '../../interaction.js';
import { type DiscordMessage, findEditFaults, SentMessage, writeContent } from '../../messages.js';

class EditFollowUp extends InteractionContent {
  @Snowflake('Id of the application; that of the bot if left out', { optional: true })
  application_id?: string;

  @InteractionToken({ example: 'demo-interaction-8' })
  interaction_token!: string;

  @Snowflake('Id of the message', { example: '1300000000000000201' })
  message_id!: string;
}

/** @see https://discord.com/developers/docs/interactions/receiving-and-responding#edit-followup-message */
export const editFollowUp = discordAction({
  type: 'edit_follow_up',
  group: 'interactions',
  summary: 'Change a further answer to an interaction',
  docs: 'https://discord.com/developers/docs/interactions/receiving-and-responding#edit-followup-message',
  effect: 'update',
  repeatable: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: EditFollowUp,
  output: SentMessage,
  check: ({
    interaction_token: _token,
    application_id: _application,
    message_id: _message,
    ...content
  }) => findEditFaults(content),
  run: async (input, _context, upstream) => {
    const application = await applicationOf(input, upstream);
    const request = {
      ...askInteraction('PATCH', application, input.interaction_token, input.message_id),
      query: { with_components: input.components === undefined ? undefined : true },
      body: { ...writeContent(input) },
    };
    const { id } = await upstream.send<DiscordMessage>(
      await attachFiles(request, input.files, upstream),
    );
    return { message_id: requireSame(id, input.message_id), message_sent: true };
  },
  example: {
    input: {
      application_id: '100000000000000001',
      interaction_token: 'demo-interaction-8',
      message_id: '1300000000000000201',
      content: 'Changed',
    },
    output: { message_id: '1300000000000000201', message_sent: true },
  },
});
