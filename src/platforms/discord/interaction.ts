import { Flag, Part, Parts, Text, type FieldOptions } from '../../actions/fields.js';
import type { FieldViolation } from '../../actions/failures.js';
import type { JsonObject } from '../../actions/json.js';
import { Shape } from '../../actions/shapes.js';
import type { PlatformRequest } from '../../actions/wire.js';
import type { Upstream } from '../../actions/action.js';
import { buildPath, findApplication, isSnowflake } from './discord-action.js';
import { Embed } from './embeds.js';
import { MessageFile, MOST_FILES } from './files.js';
import { AllowedMentions } from './mentions.js';
import { LONGEST_CONTENT, MOST_EMBEDS } from './messages.js';
import { MESSAGE_COMPONENTS } from './shapes/components.js';
import { POLL } from './shapes/polls.js';

/** @see https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-callback */
const ANSWERED_WITHIN_MS = 3_000;
const DISCORD_EPOCH = 1_420_070_400_000;

/** The secret of an interaction, which is good for 15 minutes. */
export function InteractionToken(options: FieldOptions = {}): PropertyDecorator {
  return Text('The token of the interaction, a secret', {
    ...options,
    max: 512,
    private: true,
    pattern: /^[\w.~-]+$/,
    patternMeans: 'the token of an interaction: letters, digits, "-", "_", "." and "~"',
  });
}

/** What an answer to an interaction may be made of. */
export class InteractionContent {
  @Text('What to say', { visible: true, optional: true, max: LONGEST_CONTENT, private: true })
  content?: string;

  @Parts('Up to ten embeds', Embed, { optional: true, maxItems: MOST_EMBEDS, private: true })
  embeds?: Embed[];

  @Shape('Components', MESSAGE_COMPONENTS, { optional: true, private: true })
  components?: JsonObject[];

  @Flag('The components are of the second kind, and stand for content and embeds', {
    optional: true,
  })
  components_v2?: boolean;

  @Parts('Up to ten files', MessageFile, { optional: true, maxItems: MOST_FILES })
  files?: MessageFile[];

  @Part('Whom mentions notify; no one if left out', AllowedMentions, { optional: true })
  allowed_mentions?: AllowedMentions;
}

/** The same for a new message. */
export class NewInteractionContent extends InteractionContent {
  @Flag('Only the user who asked sees it', { optional: true })
  ephemeral?: boolean;

  @Shape('A poll', POLL, { optional: true, private: true })
  poll?: JsonObject;
}

/**
 * The fault of an interaction whose time is over, by its id, which tells when it was made.
 * @param now Unix milliseconds
 */
export function findLateness(interactionId: string, now: number): FieldViolation[] {
  if (!isSnowflake(interactionId)) return [];
  const age = now - (Number(BigInt(interactionId) >> 22n) + DISCORD_EPOCH);
  return age <= ANSWERED_WITHIN_MS
    ? []
    : [
        {
          field: 'interaction_id',
          message: `is of an interaction that is ${Math.round(age / 1_000)} seconds old: Discord takes the first answer within 3 seconds; answer at once with defer_interaction, and edit the answer later`,
        },
      ];
}

/**
 * The first answer to an interaction. It carries the token of the interaction in place of the bot's, and is not
 * sent when its time is over: waits for a worker, for a limit or for a file count as well.
 */
export function answerInteraction(
  { interaction_id, interaction_token }: { interaction_id: string; interaction_token: string },
  body: JsonObject,
): PlatformRequest & { readonly body: JsonObject } {
  return {
    method: 'POST',
    path: `${buildPath(['interactions', interaction_id, interaction_token])}/callback`,
    withoutCredentials: true,
    secrets: [interaction_token],
    yes: 'no body',
    body,
    findLateness(now) {
      const faults = findLateness(interaction_id, now);
      return faults.map(({ field, message }) => ({ field: `parameters.${field}`, message }));
    },
  };
}

/** The application of an interaction: the one that is named, or that of the bot. */
export async function applicationOf(
  input: { application_id?: string },
  upstream: Upstream,
): Promise<string> {
  return input.application_id ?? findApplication(upstream);
}

/** A request about a message of an interaction; it carries the token in place of the bot's. */
export function askInteraction(
  method: PlatformRequest['method'],
  application: string,
  token: string,
  message?: string,
): PlatformRequest {
  const base = buildPath(['webhooks', application, token]);
  const path =
    message === undefined
      ? base
      : message === '@original'
        ? `${base}/messages/@original`
        : base + buildPath(['messages', message]);
  return { method, path, withoutCredentials: true, secrets: [token] };
}
