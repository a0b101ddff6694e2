import { discordAction, Snowflake } from '../../discord-action.js';
import { attachFiles } from '../../files.js';
import {
  applicationOf,
  askInteraction,
  InteractionContent,
  InteractionToken,
} from '../../interaction.js';
import { type DiscordMessage, findEditFaults, SentMessage, writeContent } from '../../messages.js';

class EditInteractionResponse extends InteractionContent {
  @Snowflake('Id of the application; that of the bot if left out', { optional: true })
  application_id?: string;

  @InteractionToken({ example: 'demo-interaction-6' })
  interaction_token!: string;
}

/** @see https://discord.com/developers/docs/interactions/receiving-and-responding#edit-original-interaction-response */
export const editInteractionResponse = discordAction({
  type: 'edit_interaction_response',
  group: 'interactions',
  summary: 'Change the first answer to an interaction, or give the one that was deferred',
  docs: 'https://discord.com/developers/docs/interactions/receiving-and-responding#edit-original-interaction-response',
  effect: 'update',
  repeatable: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: EditInteractionResponse,
  output: SentMessage,
  check: ({ interaction_token: _token, application_id: _application, ...content }) =>
    findEditFaults(content),
  run: async (input, _context, upstream) => {
    const application = await applicationOf(input, upstream);
    const request = {
      ...askInteraction('PATCH', application, input.interaction_token, '@original'),
      query: { with_components: input.components === undefined ? undefined : true },
      body: { ...writeContent(input) },
    };
    const { id } = await upstream.send<DiscordMessage>(
      await attachFiles(request, input.files, upstream),
    );
    return { message_id: id, message_sent: true };
  },
  example: {
    input: {
      application_id: '100000000000000001',
      interaction_token: 'demo-interaction-6',
      content: 'Done',
    },
    output: { message_id: '1300000000000000201', message_sent: true },
  },
});
