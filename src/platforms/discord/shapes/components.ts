import {
  anyOf,
  flag,
  list,
  object,
  oneOf,
  type ShapeSchema,
  text,
  whole,
  word,
} from '../../../actions/shapes.js';
import { ADDRESS, ID } from './values.js';

/**
 * The components of messages, of both kinds.
 * @see https://discord.com/developers/docs/components/reference
 */
const COMPONENT_EMOJI: ShapeSchema = object({ '?id': ID, name: text(0, 32) });

const BUTTON_COMPONENT: ShapeSchema = object({
  type: oneOf(2),
  '?id': whole(0, 2147483647),
  '?custom_id': text(1, 100),
  style: oneOf(1, 2, 3, 4, 5, 6),
  '?label': text(0, 80),
  '?disabled': flag,
  '?url': text(1, 512, ADDRESS),
  '?sku_id': ID,
  '?emoji': COMPONENT_EMOJI,
});

export const STRING_SELECT_COMPONENT: ShapeSchema = object({
  type: oneOf(3),
  '?id': whole(0, 2147483647),
  custom_id: text(1, 100),
  '?placeholder': text(0, 150),
  '?min_values': whole(0, 25),
  '?max_values': whole(1, 25),
  '?disabled': flag,
  '?required': flag,
  options: list(
    object({
      label: text(1, 100),
      value: text(1, 100),
      '?description': text(0, 100),
      '?default': flag,
      '?emoji': COMPONENT_EMOJI,
    }),
    1,
    25,
  ),
});

export const USER_SELECT_COMPONENT: ShapeSchema = object({
  type: oneOf(5),
  '?id': whole(0, 2147483647),
  custom_id: text(1, 100),
  '?placeholder': text(0, 150),
  '?min_values': whole(0, 25),
  '?max_values': whole(1, 25),
  '?disabled': flag,
  '?required': flag,
  '?default_values': list(object({ type: word('user'), id: ID }), 0, 25),
});

export const ROLE_SELECT_COMPONENT: ShapeSchema = object({
  type: oneOf(6),
  '?id': whole(0, 2147483647),
  custom_id: text(1, 100),
  '?placeholder': text(0, 150),
  '?min_values': whole(0, 25),
  '?max_values': whole(1, 25),
  '?disabled': flag,
  '?required': flag,
  '?default_values': list(object({ type: word('role'), id: ID }), 0, 25),
});

export const MENTIONABLE_SELECT_COMPONENT: ShapeSchema = object({
  type: oneOf(7),
  '?id': whole(0, 2147483647),
  custom_id: text(1, 100),
  '?placeholder': text(0, 150),
  '?min_values': whole(0, 25),
  '?max_values': whole(1, 25),
  '?disabled': flag,
  '?required': flag,
  '?default_values': list(
    anyOf(object({ type: word('role'), id: ID }), object({ type: word('user'), id: ID })),
    0,
    25,
  ),
});

export const CHANNEL_SELECT_COMPONENT: ShapeSchema = object({
  type: oneOf(8),
  '?id': whole(0, 2147483647),
  custom_id: text(1, 100),
  '?placeholder': text(0, 150),
  '?min_values': whole(0, 25),
  '?max_values': whole(1, 25),
  '?disabled': flag,
  '?required': flag,
  '?default_values': list(object({ type: word('channel'), id: ID }), 0, 25),
  '?channel_types': list(oneOf(1, 3, 0, 2, 4, 5, 10, 11, 12, 13, 14, 15), 0, 1000, true),
});

const ACTION_ROW_COMPONENT: ShapeSchema = object({
  type: oneOf(1),
  '?id': whole(0, 2147483647),
  components: list(
    anyOf(
      BUTTON_COMPONENT,
      CHANNEL_SELECT_COMPONENT,
      MENTIONABLE_SELECT_COMPONENT,
      ROLE_SELECT_COMPONENT,
      STRING_SELECT_COMPONENT,
      USER_SELECT_COMPONENT,
    ),
    1,
    5,
  ),
});

export const TEXT_DISPLAY_COMPONENT: ShapeSchema = object({
  type: oneOf(10),
  '?id': whole(0, 2147483647),
  content: text(1, 4000),
});

const THUMBNAIL_COMPONENT: ShapeSchema = object({
  type: oneOf(11),
  '?id': whole(0, 2147483647),
  '?description': text(1, 1024),
  '?spoiler': flag,
  media: object({ url: text(1, 2048, ADDRESS) }),
});

const SECTION_COMPONENT: ShapeSchema = object({
  type: oneOf(9),
  '?id': whole(0, 2147483647),
  components: list(TEXT_DISPLAY_COMPONENT, 1, 3),
  accessory: anyOf(BUTTON_COMPONENT, THUMBNAIL_COMPONENT),
});

const MEDIA_GALLERY_COMPONENT: ShapeSchema = object({
  type: oneOf(12),
  '?id': whole(0, 2147483647),
  items: list(
    object({
      '?description': text(1, 1024),
      '?spoiler': flag,
      media: object({ url: text(1, 2048, ADDRESS) }),
    }),
    1,
    10,
  ),
});

const FILE_COMPONENT: ShapeSchema = object({
  type: oneOf(13),
  '?id': whole(0, 2147483647),
  '?spoiler': flag,
  file: object({ url: text(1, 2048, ADDRESS) }),
});

const SEPARATOR_COMPONENT: ShapeSchema = object({
  type: oneOf(14),
  '?id': whole(0, 2147483647),
  '?spacing': oneOf(1, 2),
  '?divider': flag,
});

const CONTAINER_COMPONENT: ShapeSchema = object({
  type: oneOf(17),
  '?id': whole(0, 2147483647),
  '?accent_color': whole(0, 16777215),
  components: list(
    anyOf(
      ACTION_ROW_COMPONENT,
      FILE_COMPONENT,
      MEDIA_GALLERY_COMPONENT,
      SECTION_COMPONENT,
      SEPARATOR_COMPONENT,
      TEXT_DISPLAY_COMPONENT,
    ),
    1,
    40,
  ),
  '?spoiler': flag,
});

/** The components of one message. */
export const MESSAGE_COMPONENTS: ShapeSchema = list(
  anyOf(
    ACTION_ROW_COMPONENT,
    CONTAINER_COMPONENT,
    FILE_COMPONENT,
    MEDIA_GALLERY_COMPONENT,
    SECTION_COMPONENT,
    SEPARATOR_COMPONENT,
    TEXT_DISPLAY_COMPONENT,
  ),
  0,
  40,
);
