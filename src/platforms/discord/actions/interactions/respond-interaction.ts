import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { attachFiles } from '../../files.js';
import { findLateness, InteractionToken, NewInteractionContent } from '../../interaction.js';
import { findContentFaults, writeContent } from '../../messages.js';

const MESSAGE = 4;

class RespondInteraction extends NewInteractionContent {
  @Snowflake('Id of the interaction', { example: '9000000000000000301' })
  interaction_id!: string;

  @InteractionToken({ example: 'demo-interaction-1' })
  interaction_token!: string;
}

class RespondedInteraction {
  @Flag('Discord took the answer')
  interaction_answered!: boolean;
}

/** @see https://discord.com/developers/docs/interactions/receiving-and-responding#create-interaction-response */
export const respondInteraction = discordAction({
  type: 'respond_interaction',
  group: 'interactions',
  summary: 'Answer a command or a component with a message, within 3 seconds',
  docs: 'https://discord.com/developers/docs/interactions/receiving-and-responding#create-interaction-response',
  effect: 'create',
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: RespondInteraction,
  output: RespondedInteraction,
  check: (input) => [
    ...findContentFaults(input),
    ...findLateness(input.interaction_id, Date.now()),
  ],
  run: async (input, _context, upstream) => {
    const { interaction_id, interaction_token, files } = input;
    const request = {
      method: 'POST' as const,
      path: `${buildPath(['interactions', interaction_id, interaction_token])}/callback`,
      withoutCredentials: true,
      secrets: [interaction_token],
      yes: 'no body' as const,
      body: { type: MESSAGE, data: { ...writeContent(input) } },
    };
    await upstream.send(await attachFiles(request, files, upstream, 'data'));
    return { interaction_answered: true };
  },
  example: {
    input: {
      interaction_id: '9000000000000000301',
      interaction_token: 'demo-interaction-1',
      content: 'Pong!',
    },
    output: { interaction_answered: true },
  },
});
