import type { JsonObject } from '../../actions/json.js';

/** The limits of a reward. 0 switches a limit off. */
interface RewardLimits {
  readonly max_per_stream?: number;
  readonly max_per_user_per_stream?: number;
  readonly global_cooldown_seconds?: number;
}

/**
 * The body that makes or changes a reward. Helix has a switch beside each limit.
 * @see https://dev.twitch.tv/docs/api/reference/#create-custom-rewards
 */
export function buildReward({
  max_per_stream,
  max_per_user_per_stream,
  global_cooldown_seconds,
  ...others
}: RewardLimits): JsonObject {
  return {
    ...others,
    ...switched('is_max_per_stream_enabled', 'max_per_stream', max_per_stream),
    ...switched(
      'is_max_per_user_per_stream_enabled',
      'max_per_user_per_stream',
      max_per_user_per_stream,
    ),
    ...switched('is_global_cooldown_enabled', 'global_cooldown_seconds', global_cooldown_seconds),
  };
}

function switched(name: string, limit: string, value: number | undefined): JsonObject {
  if (value === undefined) return {};
  return value === 0 ? { [name]: false } : { [name]: true, [limit]: value };
}
