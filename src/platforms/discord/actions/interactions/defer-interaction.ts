import { Choice, Flag } from '../../../../actions/fields.js';
import { discordAction, Snowflake } from '../../discord-action.js';
import { answerInteraction, findLateness, InteractionToken } from '../../interaction.js';

/** @see https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-interaction-callback-type */
const DEFERRALS: Readonly<Record<string, number>> = { reply: 5, update: 6 };

const EPHEMERAL = 64;

class DeferInteraction {
  @Snowflake('Id of the interaction', { example: '9000000000000000302' })
  interaction_id!: string;

  @InteractionToken({ example: 'demo-interaction-2' })
  interaction_token!: string;

  @Choice(
    'Whether a reply follows, or a change of the message with the component',
    ['reply', 'update'],
    {
      default: 'reply',
    },
  )
  answer!: string;

  @Flag('Only the user who asked will see the reply', { optional: true })
  ephemeral?: boolean;
}

class DeferredInteraction {
  @Flag('Discord waits for the answer, up to 15 minutes')
  interaction_deferred!: boolean;
}

/** @see https://discord.com/developers/docs/interactions/receiving-and-responding#create-interaction-response */
export const deferInteraction = discordAction({
  type: 'defer_interaction',
  group: 'interactions',
  summary: 'Tell Discord within 3 seconds that the answer comes later',
  docs: 'https://discord.com/developers/docs/interactions/receiving-and-responding#create-interaction-response',
  effect: 'create',
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: DeferInteraction,
  output: DeferredInteraction,
  check: ({ interaction_id }) => findLateness(interaction_id, Date.now()),
  request: ({ answer, ephemeral, ...interaction }) =>
    answerInteraction(interaction, {
      type: DEFERRALS[answer] ?? DEFERRALS['reply'],
      ...(answer === 'reply' && ephemeral && { data: { flags: EPHEMERAL } }),
    }),
  yes: 'no body',
  response: () => ({ interaction_deferred: true }),
  example: {
    input: {
      interaction_id: '9000000000000000302',
      interaction_token: 'demo-interaction-2',
      answer: 'reply',
    },
    output: { interaction_deferred: true },
  },
});
