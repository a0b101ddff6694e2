import { requireChange } from '../../actions/changes.js';
import type { FieldViolation } from '../../actions/failures.js';

const OF_THREADS = ['archived', 'locked', 'invitable', 'auto_archive_duration', 'applied_tags'];
/** What channels have as well. */
const OF_BOTH = [
  'name',
  'rate_limit_per_user',
  'flags',
  'bitrate',
  'user_limit',
  'rtc_region',
  'video_quality_mode',
];
const ABOUT = ['guild_id', 'channel_id', 'reason', 'reset'];
const MOST_IN_THREAD = 99;

/**
 * A change is of a channel or of a thread.
 * @see https://discord.com/developers/docs/resources/channel#modify-channel
 */
export function findChannelChangeFaults(input: {
  readonly reset?: readonly string[];
  readonly user_limit?: number;
}): FieldViolation[] {
  const { reset = [], user_limit = 0 } = input;
  const given = Object.entries(input).flatMap(([name, value]) =>
    value === undefined || ABOUT.includes(name) ? [] : [name],
  );
  const twice = reset.find((name) => given.includes(name));
  if (twice !== undefined)
    return [{ field: 'reset', message: `holds ${twice}, which is given as well` }];
  const names = [...given, ...reset];
  if (names.length === 0) return requireChange({});
  const thread = names.find((name) => OF_THREADS.includes(name));
  if (thread === undefined) return [];
  const other = names.find((name) => !OF_THREADS.includes(name) && !OF_BOTH.includes(name));
  if (other !== undefined)
    return [{ field: thread, message: `is of threads alone, and ${other} of channels alone` }];
  return user_limit > MOST_IN_THREAD
    ? [{ field: 'user_limit', message: `must be at most ${MOST_IN_THREAD} in a thread` }]
    : [];
}
