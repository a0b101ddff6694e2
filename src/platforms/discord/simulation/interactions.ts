import { isRecord } from '../../../sandbox/exchange.js';
import { type DiscordCall, DiscordRefusal, type DiscordRoute } from './discord-call.js';
import { readContent } from './read-content.js';
import { show } from './message-routes.js';
import type { DiscordInteraction } from './world.js';

/** @see https://discord.com/developers/docs/interactions/receiving-and-responding */
const ANSWERED_WITHIN_MS = 3_000;
const TOKEN_LIVES_MS = 900_000;
const MESSAGE = 4;
const DEFERRED = 5;
const EPHEMERAL = 64;

/** The first answer to a command or a component. */
export const INTERACTION_ROUTES: readonly DiscordRoute[] = [
  {
    pattern: 'POST /interactions/:interaction/:token/callback',
    major: 'webhook',
    open: true,
    handle(call) {
      const interaction = call.world.interactions.get(call.path['token'] ?? '');
      const age = call.world.now() - (interaction?.at ?? call.world.now());
      if (!interaction || interaction.id !== call.readId('interaction') || age > ANSWERED_WITHIN_MS)
        throw new DiscordRefusal(404, 10_062, 'Unknown interaction');
      if (interaction.answered)
        throw new DiscordRefusal(400, 40_060, 'Interaction has already been acknowledged.');
      const { type, data } = call.readBody();
      const message =
        type === MESSAGE || type === DEFERRED
          ? call.world.addMessage(interaction.channel_id, {
              ...(isRecord(data) && type === MESSAGE ? readContent(call, data) : {}),
              content: isRecord(data) && typeof data['content'] === 'string' ? data['content'] : '',
              author_id: interaction.application_id,
              webhook_id: interaction.application_id,
            })
          : undefined;
      if (message && isRecord(data) && typeof data['flags'] === 'number')
        message.extra['flags'] = data['flags'];
      interaction.answered = true;
      interaction.message_id = message?.id;
      if (call.request.query.get('with_response') !== 'true') return undefined;
      return {
        interaction: {
          id: interaction.id,
          type: 2,
          ...(message && {
            response_message_id: message.id,
            response_message_loading: type === DEFERRED,
            response_message_ephemeral: (Number(message.extra['flags'] ?? 0) & EPHEMERAL) !== 0,
          }),
          channel_id: interaction.channel_id,
        },
        ...(message && type === MESSAGE && { resource: { type, message: show(call, message) } }),
      };
    },
  },
];

/** The interaction whose token is in the path, if it is one. */
export function findInteraction(call: DiscordCall): DiscordInteraction | undefined {
  const found = call.world.interactions.get(call.path['token'] ?? '');
  if (found?.application_id !== call.path['webhook']) return undefined;
  const age = call.world.now() - (found?.at ?? call.world.now());
  if (age > TOKEN_LIVES_MS) throw new DiscordRefusal(401, 50_027, 'Invalid Webhook Token');
  return found;
}

/** The first answer to the interaction in the path. */
export function originalOf(call: DiscordCall): string | undefined {
  return findInteraction(call)?.message_id;
}
