import {
  anyOf,
  flag,
  list,
  object,
  oneOf,
  type ShapeSchema,
  text,
  whole,
} from '../../../actions/shapes.js';
import {
  CHANNEL_SELECT_COMPONENT,
  MENTIONABLE_SELECT_COMPONENT,
  ROLE_SELECT_COMPONENT,
  STRING_SELECT_COMPONENT,
  TEXT_DISPLAY_COMPONENT,
  USER_SELECT_COMPONENT,
} from './components.js';

/** @see https://discord.com/developers/docs/components/reference#text-input */
const TEXT_INPUT_COMPONENT: ShapeSchema = object({
  type: oneOf(4),
  '?id': whole(0, 2147483647),
  custom_id: text(1, 100),
  style: oneOf(1, 2),
  '?label': text(1, 45),
  '?value': text(0, 4000),
  '?placeholder': text(0, 100),
  '?required': flag,
  '?min_length': whole(0, 4000),
  '?max_length': whole(1, 4000),
});

const FILE_UPLOAD_COMPONENT: ShapeSchema = object({
  type: oneOf(19),
  '?id': whole(0, 2147483647),
  custom_id: text(1, 100),
  '?min_values': whole(0, 10),
  '?max_values': whole(1, 10),
  '?required': flag,
});

const LABEL_COMPONENT: ShapeSchema = object({
  type: oneOf(18),
  '?id': whole(0, 2147483647),
  label: text(1, 45),
  '?description': text(1, 100),
  component: anyOf(
    CHANNEL_SELECT_COMPONENT,
    FILE_UPLOAD_COMPONENT,
    MENTIONABLE_SELECT_COMPONENT,
    ROLE_SELECT_COMPONENT,
    STRING_SELECT_COMPONENT,
    TEXT_INPUT_COMPONENT,
    USER_SELECT_COMPONENT,
  ),
});

/**
 * A form that the user fills in.
 * @see https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-modal
 */
export const MODAL: ShapeSchema = object({
  custom_id: text(1, 100),
  title: text(1, 45),
  components: list(
    anyOf(
      object({
        type: oneOf(1),
        '?id': whole(0, 2147483647),
        components: list(TEXT_INPUT_COMPONENT, 1, 1),
      }),
      LABEL_COMPONENT,
      TEXT_DISPLAY_COMPONENT,
    ),
    1,
    5,
  ),
});

const LARGEST = Number.MAX_SAFE_INTEGER;

/**
 * What is offered to a user who types.
 * @see https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-autocomplete
 */
export const CHOICES: ShapeSchema = list(
  object({
    name: text(1, 100),
    value: anyOf(text(0, 100), { type: 'number', minimum: -LARGEST, maximum: LARGEST }),
  }),
  0,
  25,
);
