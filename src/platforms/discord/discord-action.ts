import { createHash } from 'node:crypto';
import {
  type Action,
  type ActionContext,
  type ActionDeclaration,
  defineAction,
} from '../../actions/action.js';
import { type FieldOptions, Text } from '../../actions/fields.js';
import type { DiscordPermission } from './permissions.js';

/** Declares an action on Discord: bots have no scopes, and permissions are typed. */
export function discordAction<Input extends object, Output extends object, Answer>(
  declaration: ActionDeclaration<Input, Output, never, Answer> & {
    readonly permissions: readonly DiscordPermission[];
  },
): Action {
  return defineAction(declaration);
}

/** An id of Discord: a number of up to 64 bits, as text. */
export function Snowflake(description: string, options: FieldOptions = {}): PropertyDecorator {
  return Text(description, {
    ...options,
    max: 20,
    pattern: /^\d+$/,
    patternMeans: 'an id of Discord, which is made of digits',
  });
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
