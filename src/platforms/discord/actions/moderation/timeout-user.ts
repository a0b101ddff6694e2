import type { FieldViolation } from '../../../../actions/failures.js';
import { Flag, Integer, Text } from '../../../../actions/fields.js';
import {
  discordAction,
  giveReason,
  orderOfMember,
  pathOfMember,
  Reason,
  Snowflake,
} from '../../discord-action.js';
import { DiscordUser } from '../../names.js';

const LONGEST_SECONDS = 28 * 86_400;
/** Discord counts 28 days by its own clock, and ours may be ahead of it. */
const CLOCKS_DIFFER_SECONDS = 10;

class TimeoutUser {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @DiscordUser('The member', { example: '200000000000000001' })
  user_id!: string;

  @Integer('For how many seconds, at most 28 days', {
    optional: true,
    min: 0,
    max: LONGEST_SECONDS,
    example: 600,
  })
  duration_seconds?: number;

  @Flag('End a timeout instead', { optional: true })
  clear?: boolean;

  @Reason()
  reason?: string;
}

class TimedOutUser {
  @Flag('The member is silenced')
  user_timed_out!: boolean;

  @Text('Until when, as Discord says', { optional: true })
  timed_out_until?: string;
}

/** A member of a server in Discord's answers, as far as we read it. */
interface DiscordMember {
  readonly user?: { readonly id: string };
  readonly communication_disabled_until?: string | null;
}

/** 0 seconds could mean "end it" or be a mistake, so a timeout is ended by an explicit value. */
function findFaults({ duration_seconds, clear = false }: TimeoutUser): FieldViolation[] {
  const field = 'duration_seconds';
  if (clear) {
    return duration_seconds === undefined
      ? []
      : [{ field, message: 'must be left out where clear is true' }];
  }
  if (duration_seconds === undefined)
    return [{ field, message: 'is missing: give it, or clear: true to end a timeout' }];
  return duration_seconds === 0
    ? [{ field, message: 'must be at least 1; to end a timeout, give clear: true instead' }]
    : [];
}

/** @see https://discord.com/developers/docs/resources/guild#modify-guild-member */
export const timeoutUser = discordAction({
  type: 'timeout_user',
  group: 'moderation',
  summary: 'Silence a member for a while, or end that',
  docs: 'https://discord.com/developers/docs/resources/guild#modify-guild-member',
  effect: 'update',
  // Silencing the same member again moves the end by the pause between two attempts, and no further.
  repeatable: true,
  order: orderOfMember,
  scopes: [],
  permissions: ['MODERATE_MEMBERS'],
  actsAs: 'account',
  input: TimeoutUser,
  output: TimedOutUser,
  check: findFaults,
  request: ({ guild_id, user_id, duration_seconds = 0, clear, reason }) => {
    const seconds = Math.min(duration_seconds, LONGEST_SECONDS - CLOCKS_DIFFER_SECONDS);
    return {
      method: 'PATCH',
      path: pathOfMember({ guild_id, user_id }),
      headers: giveReason(reason),
      body: {},
      // Counted from each departure: a limit may have held the request back for longer than it lasts.
      momentsAt: (now) => ({
        communication_disabled_until: clear ? null : new Date(now + seconds * 1_000).toISOString(),
      }),
    };
  },
  // The API's description allows both: the member, or 204.
  yes: 'body or none',
  response: (member: DiscordMember | undefined, { user_id, clear }) => {
    if (member === undefined) return { user_timed_out: !clear };
    const until = member.communication_disabled_until ?? undefined;
    // The member tells whether it is silenced. What does not say so is no answer to the question.
    const isDone = clear
      ? until === undefined && member.user?.id === user_id
      : typeof until === 'string';
    if (!isDone) throw new TypeError('The member does not tell until when it is silenced');
    return { user_timed_out: !clear, ...(typeof until === 'string' && { timed_out_until: until }) };
  },
  example: {
    input: {
      guild_id: '800000000000000001',
      user_id: '200000000000000003',
      duration_seconds: 600,
      reason: 'Caps',
    },
    output: { user_timed_out: true, timed_out_until: '2026-11-20T10:10:00.000Z' },
  },
});
