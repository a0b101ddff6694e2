import { flag, object, type ShapeSchema, text } from '../../../actions/shapes.js';
import { ID } from './values.js';

/**
 * The parts of channels.
 * @see https://discord.com/developers/docs/resources/channel
 */
export const UPDATE_THREAD_TAG: ShapeSchema = object({
  name: text(0, 50),
  '?emoji_id': ID,
  '?emoji_name': text(0, 100),
  '?moderated': flag,
  '?id': ID,
});

export const CREATE_OR_UPDATE_THREAD_TAG: ShapeSchema = object({
  name: text(0, 50),
  '?emoji_id': ID,
  '?emoji_name': text(0, 100),
  '?moderated': flag,
});

export const UPDATE_DEFAULT_REACTION_EMOJI: ShapeSchema = object({
  '?emoji_id': ID,
  '?emoji_name': text(0, 100),
});
