import { Flag } from '../../../../actions/fields.js';
import { discordAction, Snowflake } from '../../discord-action.js';
import { applicationOf, askInteraction, InteractionToken } from '../../interaction.js';

class DeleteFollowUp {
  @Snowflake('Id of the application; that of the bot if left out', { optional: true })
  application_id?: string;

  @InteractionToken({ example: 'demo-interaction-8' })
  interaction_token!: string;

  @Snowflake('Id of the message', { example: '1300000000000000201' })
  message_id!: string;
}

class DeleteFollowUpDone {
  @Flag('The message is gone')
  message_deleted!: boolean;
}

/** @see https://discord.com/developers/docs/interactions/receiving-and-responding#delete-followup-message */
export const deleteFollowUp = discordAction({
  type: 'delete_follow_up',
  group: 'interactions',
  summary: 'Delete a further answer to an interaction',
  docs: 'https://discord.com/developers/docs/interactions/receiving-and-responding#delete-followup-message',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10008',
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: DeleteFollowUp,
  output: DeleteFollowUpDone,
  run: async (input, _context, upstream) => {
    const application = await applicationOf(input, upstream);
    const request = askInteraction(
      'DELETE',
      application,
      input.interaction_token,
      input.message_id,
    );
    await upstream.send({ ...request, yes: 'no body' });
    return { message_deleted: true };
  },
  example: {
    input: {
      application_id: '100000000000000001',
      interaction_token: 'demo-interaction-8',
      message_id: '1300000000000000202',
    },
    output: { message_deleted: true },
  },
});
