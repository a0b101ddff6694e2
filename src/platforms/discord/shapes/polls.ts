import {
  flag,
  list,
  object,
  oneOf,
  type ShapeSchema,
  text,
  whole,
} from '../../../actions/shapes.js';
import { ID } from './values.js';

/**
 * A poll.
 * @see https://discord.com/developers/docs/resources/poll#poll-create-request-object
 */
export const POLL: ShapeSchema = object({
  question: object({
    '?text': text(1, 300),
    '?emoji': object({ '?id': ID, '?name': text(0, 32), '?animated': flag }),
  }),
  answers: list(
    object({
      poll_media: object({
        '?text': text(1, 300),
        '?emoji': object({ '?id': ID, '?name': text(0, 32), '?animated': flag }),
      }),
    }),
    1,
    10,
  ),
  '?allow_multiselect': flag,
  '?layout_type': oneOf(1),
  '?duration': whole(1, 768),
});
