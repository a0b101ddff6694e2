import type { HelixOne } from './twitch-action.js';

/** A ban or a timeout in an answer of Helix; one without an end is a ban. */
export interface HelixBan {
  readonly user_id: string;
  readonly end_time?: string | null;
}

/**
 * The ban of one user in an answer. @throws TypeError if the answer is about no user or another one,
 * and so does not tell whether the user is banned
 * @see https://dev.twitch.tv/docs/api/reference/#ban-user
 */
export function readBan({ data: [ban] }: HelixOne<HelixBan>, userId: string): HelixBan {
  if (ban.user_id !== userId) throw new TypeError('The answer does not name the user');
  return ban;
}
