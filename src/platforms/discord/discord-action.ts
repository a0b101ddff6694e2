import { createHash } from 'node:crypto';
import {
  type Action,
  type ActionContext,
  type ActionDeclaration,
  defineAction,
  type Upstream,
} from '../../actions/action.js';
import { declareField, type FieldOptions, refuseNumber, Text } from '../../actions/fields.js';
import { ActionFailure } from '../../actions/failures.js';
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

/** Changes of one kind in a server leave in order of arrival. */
export function orderOfGuild(
  kind: string,
): (context: ActionContext, input: { guild_id: string }) => string {
  return (_context, { guild_id }) => `discord:${kind}:${guild_id}`;
}

/** The id in an answer. @throws ActionFailure UNREADABLE_ANSWER if the answer is about another thing than was asked for */
export function requireSame(answered: unknown, asked: string): string {
  if (answered === asked) return asked;
  const message = 'The platform accepted the request, and its answer is about another thing';
  throw new ActionFailure('UNREADABLE_ANSWER', message);
}

/** An object without some of its members. */
export function leaveOut<Whole extends object, Name extends keyof Whole & string>(
  whole: Whole,
  names: readonly Name[],
): Omit<Whole, Name> {
  const kept = Object.entries(whole).filter(([name]) => !names.includes(name as Name));
  return Object.fromEntries(kept) as Omit<Whole, Name>;
}

/** Members that are set to null, which resets them. */
export function takeAway(reset: readonly string[] | undefined): Record<string, null> {
  return Object.fromEntries((reset ?? []).map((name) => [name, null]));
}

const APPLICATION_SECONDS = 3_600;

/**
 * The id of the application whose bot acts.
 * @see https://discord.com/developers/docs/resources/application#get-current-application
 */
export async function findApplication(upstream: Upstream): Promise<string> {
  const { id } = await upstream.look<{ readonly id: string }>(
    {
      method: 'GET',
      path: '/applications/@me',
      placeholder: { id: '<id of the application>' },
    },
    APPLICATION_SECONDS,
  );
  return id;
}
