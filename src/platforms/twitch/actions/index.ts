import type { Action } from '../../../actions/action.js';
import { clip } from './channel/clip.js';
import { marker } from './channel/marker.js';
import { updateGame } from './channel/update-game.js';
import { updateTitle } from './channel/update-title.js';
import { announcement } from './chat/announcement.js';
import { chatMessage } from './chat/chat-message.js';
import { shoutout } from './chat/shoutout.js';
import { whisper } from './chat/whisper.js';
import { ban } from './moderation/ban.js';
import { deleteMessage } from './moderation/delete-message.js';
import { modAdd } from './moderation/mod-add.js';
import { modRemove } from './moderation/mod-remove.js';
import { timeout } from './moderation/timeout.js';
import { unban } from './moderation/unban.js';
import { vipAdd } from './moderation/vip-add.js';
import { vipRemove } from './moderation/vip-remove.js';
import { pollCreate } from './polls/poll-create.js';
import { pollEnd } from './polls/poll-end.js';
import { predictionCreate } from './predictions/prediction-create.js';
import { predictionResolve } from './predictions/prediction-resolve.js';
import { raid } from './raids/raid.js';

/** Every action on Twitch; a new one is one file and one line here. */
export const twitchActions: readonly Action[] = [
  chatMessage,
  announcement,
  whisper,
  shoutout,
  ban,
  timeout,
  unban,
  deleteMessage,
  modAdd,
  modRemove,
  vipAdd,
  vipRemove,
  updateTitle,
  updateGame,
  marker,
  clip,
  pollCreate,
  pollEnd,
  predictionCreate,
  predictionResolve,
  raid,
];
