/** How the earlier Twitch service carried out and answered one action type. */
export interface EarlierTwitchAction {
  /** Parameters without which it refused with the message `missing`. */
  readonly needs?: readonly string[];
  readonly missing?: string;
  /** Its messages for parameters of a wrong form, by their names. */
  readonly wrong?: Readonly<Record<string, string>>;
  /** Members of its result, by the parameter whose value they held. */
  readonly echoes?: Readonly<Record<string, string>>;
  /** Its result was the answer of Twitch as it stood: the member here that is its id there. */
  readonly rawId?: string;
  /** Parameters that its answer from Twitch repeated. */
  readonly rawEchoes?: readonly string[];
  /** Parameters of ours that make the action what it was. */
  readonly always?: Readonly<Record<string, unknown>>;
  /** Parameters that Twitch itself cut at so many characters. */
  readonly cut?: Readonly<Record<string, number>>;
}

const OF_USER = { needs: ['user_id'], missing: 'user_id is required' } as const;
const CHOICES = 'Poll must have 2-5 choices';

/** Twitch truncates announcements that are longer. @see https://dev.twitch.tv/docs/api/reference/#send-chat-announcement */
const LONGEST_ANNOUNCEMENT = 500;

export const EARLIER_TWITCH_ACTIONS: Readonly<Record<string, EarlierTwitchAction>> = {
  chat_message: {
    needs: ['message'],
    missing: 'Message is required',
    echoes: { message_sent: 'message' },
  },
  whisper: { needs: ['to_user_id', 'message'], missing: 'to_user_id and message are required' },
  announcement: {
    needs: ['message'],
    missing: 'Message is required',
    echoes: { announcement_sent: 'message' },
    cut: { message: LONGEST_ANNOUNCEMENT },
  },
  // It answered with the id as soon as Twitch had given one.
  clip: { rawId: 'clip_id', always: { confirm: false } },
  poll_create: {
    needs: ['title'],
    missing: 'Title and choices are required',
    wrong: { choices: CHOICES },
    rawId: 'poll_id',
    rawEchoes: ['title'],
  },
  poll_end: { needs: ['poll_id'], missing: 'poll_id is required', rawId: 'poll_id' },
  prediction_create: {
    needs: ['title', 'outcomes'],
    missing: 'Title and exactly 2 outcomes are required',
    wrong: { outcomes: 'Title and exactly 2 outcomes are required' },
    rawId: 'prediction_id',
    rawEchoes: ['title'],
  },
  prediction_resolve: {
    needs: ['prediction_id', 'winning_outcome_id'],
    missing: 'prediction_id and winning_outcome_id are required',
    rawId: 'prediction_id',
  },
  ban: { ...OF_USER, echoes: { user_banned: 'user_id' } },
  timeout: { ...OF_USER, echoes: { user_timed_out: 'user_id' } },
  unban: { ...OF_USER, echoes: { user_unbanned: 'user_id' } },
  delete_message: {
    needs: ['message_id'],
    missing: 'message_id is required',
    echoes: { message_deleted: 'message_id' },
  },
  update_title: {
    needs: ['title'],
    missing: 'Title is required',
    echoes: { title_updated: 'title' },
  },
  update_game: {
    needs: ['game_id'],
    missing: 'game_id is required',
    echoes: { game_updated: 'game_id' },
  },
  marker: { rawId: 'marker_id', rawEchoes: ['description'] },
  raid: {
    needs: ['to_broadcaster_id'],
    missing: 'to_broadcaster_id is required',
    echoes: { raid_started: 'to_broadcaster_id' },
  },
  vip_add: { ...OF_USER, echoes: { vip_added: 'user_id' } },
  vip_remove: { ...OF_USER, echoes: { vip_removed: 'user_id' } },
  mod_add: { ...OF_USER, echoes: { moderator_added: 'user_id' } },
  mod_remove: { ...OF_USER, echoes: { moderator_removed: 'user_id' } },
};
