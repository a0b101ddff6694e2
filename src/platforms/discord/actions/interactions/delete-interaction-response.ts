import { Flag } from '../../../../actions/fields.js';
import { discordAction, Snowflake } from '../../discord-action.js';
import { applicationOf, askInteraction, InteractionToken } from '../../interaction.js';

class DeleteInteractionResponse {
  @Snowflake('Id of the application; that of the bot if left out', { optional: true })
  application_id?: string;

  @InteractionToken({ example: 'demo-interaction-7' })
  interaction_token!: string;
}

class DeleteInteractionResponseDone {
  @Flag('The message is gone')
  message_deleted!: boolean;
}

/** @see https://discord.com/developers/docs/interactions/receiving-and-responding#delete-original-interaction-response */
export const deleteInteractionResponse = discordAction({
  type: 'delete_interaction_response',
  group: 'interactions',
  summary: 'Delete the first answer to an interaction',
  docs: 'https://discord.com/developers/docs/interactions/receiving-and-responding#delete-original-interaction-response',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10008',
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: DeleteInteractionResponse,
  output: DeleteInteractionResponseDone,
  run: async (input, _context, upstream) => {
    const application = await applicationOf(input, upstream);
    const request = askInteraction('DELETE', application, input.interaction_token, '@original');
    await upstream.send({ ...request, yes: 'no body' });
    return { message_deleted: true };
  },
  example: {
    input: { application_id: '100000000000000001', interaction_token: 'demo-interaction-7' },
    output: { message_deleted: true },
  },
});
