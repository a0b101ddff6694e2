import { object, oneOf, type ShapeSchema, text, whole } from '../../../actions/shapes.js';
import { ID } from './values.js';

/**
 * The parts of rules of the auto-moderation.
 * @see https://discord.com/developers/docs/resources/auto-moderation
 */
export const BLOCK_MESSAGE_ACTION: ShapeSchema = object({
  type: oneOf(1),
  '?metadata': object({ '?custom_message': text(0, 300) }),
});

export const FLAG_TO_CHANNEL_ACTION: ShapeSchema = object({
  type: oneOf(2),
  metadata: object({ channel_id: ID }),
});

export const QUARANTINE_USER_ACTION: ShapeSchema = object({
  type: oneOf(4),
  '?metadata': object({}),
});

export const USER_COMMUNICATION_DISABLED_ACTION: ShapeSchema = object({
  type: oneOf(3),
  metadata: object({ '?duration_seconds': whole(0, 2419200) }),
});
