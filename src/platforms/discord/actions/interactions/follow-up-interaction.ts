import { discordAction, Snowflake } from '../../discord-action.js';
import { attachFiles } from '../../files.js';
import {
  applicationOf,
  askInteraction,
  NewInteractionContent,
  InteractionToken,
} from '../../interaction.js';
import {
  type DiscordMessage,
  findContentFaults,
  SentMessage,
  writeContent,
} from '../../messages.js';

class FollowUpInteraction extends NewInteractionContent {
  @Snowflake('Id of the application; that of the bot if left out', { optional: true })
  application_id?: string;

  @InteractionToken({ example: 'demo-interaction-5' })
  interaction_token!: string;
}

/** @see https://discord.com/developers/docs/interactions/receiving-and-responding#create-followup-message */
export const followUpInteraction = discordAction({
  type: 'follow_up_interaction',
  group: 'interactions',
  summary: 'Send a further answer to an interaction, within 15 minutes',
  docs: 'https://discord.com/developers/docs/interactions/receiving-and-responding#create-followup-message',
  effect: 'create',

  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: FollowUpInteraction,
  output: SentMessage,
  check: findContentFaults,
  run: async (input, _context, upstream) => {
    const application = await applicationOf(input, upstream);
    const request = {
      ...askInteraction('POST', application, input.interaction_token),
      query: { wait: true, with_components: input.components === undefined ? undefined : true },
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
      interaction_token: 'demo-interaction-5',
      content: 'And another thing',
    },
    output: { message_id: '1300000000000000201', message_sent: true },
  },
});
