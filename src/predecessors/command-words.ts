import type { PredecessorName } from './predecessor.js';

/** What commands and modules were called that are named otherwise here. */
export const ACTION_ALIASES: Readonly<Record<PredecessorName, Readonly<Record<string, string>>>> = {
  twitch: {
    announce: 'announcement',
    chat: 'chat_message',
    game: 'update_game',
    say: 'chat_message',
    send_message: 'chat_message',
    so: 'shoutout',
    title: 'update_title',
  },
  youtube: {
    chat: 'send_live_chat_message',
    say: 'send_live_chat_message',
    send_message: 'send_live_chat_message',
    chat_message: 'send_live_chat_message',
  },
  discord: { say: 'send_message', chat_message: 'send_message', embed: 'send_embed' },
};

/** The parameters that the words of a command are, in their order; the last takes what is left. */
export const WORD_ORDER: Readonly<Record<string, readonly string[]>> = {
  'twitch.ban': ['user_id', 'reason'],
  'twitch.timeout': ['user_id', 'duration', 'reason'],
  'twitch.whisper': ['to_user_id', 'message'],
  'twitch.clip': ['title'],
  'twitch.marker': ['description'],
  'twitch.update_game': ['game_id'],
  'twitch.poll_create': ['title', 'choices'],
  'twitch.prediction_create': ['title', 'outcomes'],
  'twitch.prediction_resolve': ['prediction_id', 'winning_outcome_id'],
  'discord.send_message': ['content'],
  'youtube.update_video_title': ['video_id', 'title'],
  'youtube.update_video_description': ['video_id', 'description'],
  'youtube.post_comment': ['video_id', 'text'],
  'youtube.reply_to_comment': ['parent_id', 'text'],
};

/** Actions whose first parameter may be several words: a "|" ends it, and parts the rest. */
export const PARTED_BY_BARS: ReadonlySet<string> = new Set([
  'twitch.poll_create',
  'twitch.prediction_create',
]);

/** What a module does that is asked for by its platform alone: it speaks, and this parameter is the text. */
export const SPEAKS: Readonly<Record<PredecessorName, readonly [action: string, text: string]>> = {
  twitch: ['chat_message', 'message'],
  youtube: ['send_live_chat_message', 'message'],
  discord: ['send_message', 'content'],
};

/** Names under which a module got the text that is to be said. */
export const TEXT_NAMES = ['message', 'content', 'text'] as const;

/** Other names of parameters, by action. */
export const PARAMETER_ALIASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'twitch.shoutout': {
    user_id: 'to_broadcaster_id',
    target: 'to_broadcaster_id',
    target_user_id: 'to_broadcaster_id',
  },
};
