import { createHash } from 'node:crypto';
import {
  type Action,
  type ActionContext,
  type ActionDeclaration,
  defineAction,
} from '../../actions/action.js';
import { declareField, type FieldOptions, refuseNumber, Text } from '../../actions/fields.js';
import type { DiscordPermission } from './permissions.js';

/** Declares an action on Discord: bots have no scopes, and permissions are typed. */
export function discordAction<Input extends object, Output extends object, Answer>(
  declaration: ActionDeclaration<Input, Output, never, Answer> & {
    readonly permissions: readonly DiscordPermission[];
  },
): Action {
  return defineAction(declaration);
}

const SNOWFLAKE_MEANS =
  'an id of Discord: a whole number from 1 to 18446744073709551615 as text, made of digits and without leading zeros';

/** An id of Discord: a number of up to 64 bits, as text. */
export function Snowflake(description: string, options: FieldOptions = {}): PropertyDecorator {
  return declareField(description, options, {
    schema: { type: 'string', minLength: 1, maxLength: 20, pattern: '^[1-9][0-9]{0,19}$' },
    coerce: (value) => value,
    findFault(value) {
      if (typeof value === 'number') return refuseNumber(value);
      return typeof value === 'string' && isSnowflake(value)
        ? undefined
        : `must be ${SNOWFLAKE_MEANS}`;
    },
  });
}

const BIGGEST_SNOWFLAKE = 2n ** 64n - 1n;

/** Whether a text is a number from 1 to 2^64 - 1, without leading zeros. */
export function isSnowflake(text: string): boolean {
  return /^[1-9]\d{0,19}$/.test(text) && (text.length < 20 || BigInt(text) <= BIGGEST_SNOWFLAKE);
}

/** Why, as the audit log of the server shows it. Discord counts the text before it is encoded: unverified. */
export function Reason(): PropertyDecorator {
  return Text("Why, as the server's audit log shows it", {
    max: 512,
    optional: true,
    example: 'Spam',
  });
}

/** @see https://discord.com/developers/docs/reference#audit-logs */
export function giveReason(reason: string | undefined): Record<string, string> {
  return reason === undefined ? {} : { 'x-audit-log-reason': encodeURIComponent(reason) };
}

/**
 * With it Discord gives back the first message instead of sending a second one. 22 of the 25
 * characters it may have: the same for every attempt of an action, different for every action.
 * @see https://discord.com/developers/docs/resources/message#create-message
 */
export function makeNonce({ actionId }: ActionContext): { nonce: string; enforce_nonce: true } {
  const nonce = createHash('sha256').update(actionId).digest('base64url').slice(0, 22);
  return { nonce, enforce_nonce: true };
}

/** A path whose parts are encoded, so that none of them can lead to another call. */
export function buildPath(parts: readonly string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('');
}

/** The member of a server, as several actions address it. */
export function pathOfMember(member: { guild_id: string; user_id: string }): string {
  return buildPath(['guilds', member.guild_id, 'members', member.user_id]);
}

/** Actions on one member leave in order of arrival. */
export function orderOfMember(
  _context: ActionContext,
  { guild_id, user_id }: { guild_id: string; user_id: string },
): string {
  return `discord:member:${guild_id}:${user_id}`;
}

/** What is said in one channel leaves in order of arrival. */
export function orderOfChannel(
  _context: ActionContext,
  { channel_id }: { channel_id: string },
): string {
  return `discord:channel:${channel_id}`;
}
