import { Flag } from '../../../../actions/fields.js';
import type { FieldViolation } from '../../../../actions/failures.js';
import type { JsonObject } from '../../../../actions/json.js';
import { Shape } from '../../../../actions/shapes.js';
import { discordAction, Snowflake } from '../../discord-action.js';
import { attachFiles } from '../../files.js';
import {
  answerInteraction,
  findLateness,
  InteractionToken,
  NewInteractionContent,
} from '../../interaction.js';
import { findContentFaults, writeContent } from '../../messages.js';
import { CHOICES, MODAL } from '../../shapes/modals.js';

/** @see https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-interaction-callback-type */
const MESSAGE = 4;
const AUTOCOMPLETE = 8;
const SHOW_MODAL = 9;
/** What is no part of a message. */
const ABOUT: ReadonlySet<string> = new Set([
  'interaction_id',
  'interaction_token',
  'modal',
  'choices',
]);

class RespondInteraction extends NewInteractionContent {
  @Snowflake('Id of the interaction', { example: '9000000000000000301' })
  interaction_id!: string;

  @InteractionToken({ example: 'demo-interaction-1' })
  interaction_token!: string;

  @Shape('In place of a message: a form that the user fills in', MODAL, {
    optional: true,
    private: true,
  })
  modal?: JsonObject;

  @Shape('In place of a message: what is offered to a user who types an option', CHOICES, {
    optional: true,
    private: true,
  })
  choices?: JsonObject[];
}

class RespondedInteraction {
  @Flag('Discord took the answer')
  interaction_answered!: boolean;
}

/** @see https://discord.com/developers/docs/interactions/receiving-and-responding#create-interaction-response */
export const respondInteraction = discordAction({
  type: 'respond_interaction',
  group: 'interactions',
  summary:
    'Answer a command or a component with a message or a form, or an option with choices, within 3 seconds',
  docs: 'https://discord.com/developers/docs/interactions/receiving-and-responding#create-interaction-response',
  effect: 'create',
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: RespondInteraction,
  output: RespondedInteraction,
  check: (input) => [...findFormFaults(input), ...findLateness(input.interaction_id, Date.now())],
  run: async (input, _context, upstream) => {
    const { modal, choices, files, components, ...rest } = input;
    // A new message without components has none to take away.
    const content = components?.length ? { ...rest, components } : rest;
    const [type, data] = modal
      ? [SHOW_MODAL, modal]
      : choices
        ? [AUTOCOMPLETE, { choices }]
        : [MESSAGE, writeContent(content)];
    const request = answerInteraction(input, { type, data });
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

/** An answer is a message, a form or choices. */
function findFormFaults(input: RespondInteraction): FieldViolation[] {
  const { modal, choices } = input;
  if (modal && choices) return [{ field: 'choices', message: 'must be left out with modal' }];
  const form = modal ? 'modal' : choices ? 'choices' : undefined;
  if (form === undefined) return findContentFaults(input);
  const part = Object.entries(input).find(
    ([name, value]) => value !== undefined && !ABOUT.has(name),
  );
  if (part) return [{ field: part[0], message: `must be left out with ${form}` }];
  const kinds = new Set(choices?.map(({ value }) => typeof value));
  return kinds.size > 1
    ? [{ field: 'choices', message: 'must have values that are all text or all numbers' }]
    : [];
}
