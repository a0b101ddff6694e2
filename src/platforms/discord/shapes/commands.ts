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
import { ID, localized } from './values.js';

/**
 * The options of commands.
 * @see https://discord.com/developers/docs/interactions/application-commands#application-command-object
 */
export const APPLICATION_COMMAND_ATTACHMENT_OPTION: ShapeSchema = object({
  type: oneOf(11),
  name: text(1, 32),
  '?name_localizations': localized(1, 32),
  description: text(1, 100),
  '?description_localizations': localized(1, 100),
  '?required': flag,
});

export const APPLICATION_COMMAND_BOOLEAN_OPTION: ShapeSchema = object({
  type: oneOf(5),
  name: text(1, 32),
  '?name_localizations': localized(1, 32),
  description: text(1, 100),
  '?description_localizations': localized(1, 100),
  '?required': flag,
});

export const APPLICATION_COMMAND_CHANNEL_OPTION: ShapeSchema = object({
  type: oneOf(7),
  name: text(1, 32),
  '?name_localizations': localized(1, 32),
  description: text(1, 100),
  '?description_localizations': localized(1, 100),
  '?required': flag,
  '?channel_types': list(oneOf(1, 3, 0, 2, 4, 5, 10, 11, 12, 13, 14, 15), 0, 1000, true),
});

export const APPLICATION_COMMAND_INTEGER_OPTION: ShapeSchema = object({
  type: oneOf(4),
  name: text(1, 32),
  '?name_localizations': localized(1, 32),
  description: text(1, 100),
  '?description_localizations': localized(1, 100),
  '?required': flag,
  '?autocomplete': flag,
  '?choices': list(
    object({
      name: text(1, 100),
      '?name_localizations': localized(1, 100),
      value: whole(-9007199254740991, 9007199254740991),
    }),
    0,
    25,
  ),
  '?min_value': whole(-9007199254740991, 9007199254740991),
  '?max_value': whole(-9007199254740991, 9007199254740991),
});

export const APPLICATION_COMMAND_MENTIONABLE_OPTION: ShapeSchema = object({
  type: oneOf(9),
  name: text(1, 32),
  '?name_localizations': localized(1, 32),
  description: text(1, 100),
  '?description_localizations': localized(1, 100),
  '?required': flag,
});

export const APPLICATION_COMMAND_NUMBER_OPTION: ShapeSchema = object({
  type: oneOf(10),
  name: text(1, 32),
  '?name_localizations': localized(1, 32),
  description: text(1, 100),
  '?description_localizations': localized(1, 100),
  '?required': flag,
  '?autocomplete': flag,
  '?choices': list(
    object({
      name: text(1, 100),
      '?name_localizations': localized(1, 100),
      value: { type: 'number', minimum: -9007199254740991, maximum: 9007199254740991 },
    }),
    0,
    25,
  ),
  '?min_value': { type: 'number', minimum: -9007199254740991, maximum: 9007199254740991 },
  '?max_value': { type: 'number', minimum: -9007199254740991, maximum: 9007199254740991 },
});

export const APPLICATION_COMMAND_ROLE_OPTION: ShapeSchema = object({
  type: oneOf(8),
  name: text(1, 32),
  '?name_localizations': localized(1, 32),
  description: text(1, 100),
  '?description_localizations': localized(1, 100),
  '?required': flag,
});

export const APPLICATION_COMMAND_STRING_OPTION: ShapeSchema = object({
  type: oneOf(3),
  name: text(1, 32),
  '?name_localizations': localized(1, 32),
  description: text(1, 100),
  '?description_localizations': localized(1, 100),
  '?required': flag,
  '?autocomplete': flag,
  '?min_length': whole(0, 6000),
  '?max_length': whole(1, 6000),
  '?choices': list(
    object({ name: text(1, 100), '?name_localizations': localized(1, 100), value: text(0, 6000) }),
    0,
    25,
  ),
});

export const APPLICATION_COMMAND_USER_OPTION: ShapeSchema = object({
  type: oneOf(6),
  name: text(1, 32),
  '?name_localizations': localized(1, 32),
  description: text(1, 100),
  '?description_localizations': localized(1, 100),
  '?required': flag,
});

export const APPLICATION_COMMAND_SUBCOMMAND_OPTION: ShapeSchema = object({
  type: oneOf(1),
  name: text(1, 32),
  '?name_localizations': localized(1, 32),
  description: text(1, 100),
  '?description_localizations': localized(1, 100),
  '?required': flag,
  '?options': list(
    anyOf(
      APPLICATION_COMMAND_ATTACHMENT_OPTION,
      APPLICATION_COMMAND_BOOLEAN_OPTION,
      APPLICATION_COMMAND_CHANNEL_OPTION,
      APPLICATION_COMMAND_INTEGER_OPTION,
      APPLICATION_COMMAND_MENTIONABLE_OPTION,
      APPLICATION_COMMAND_NUMBER_OPTION,
      APPLICATION_COMMAND_ROLE_OPTION,
      APPLICATION_COMMAND_STRING_OPTION,
      APPLICATION_COMMAND_USER_OPTION,
    ),
    0,
    25,
  ),
});

export const APPLICATION_COMMAND_SUBCOMMAND_GROUP_OPTION: ShapeSchema = object({
  type: oneOf(2),
  name: text(1, 32),
  '?name_localizations': localized(1, 32),
  description: text(1, 100),
  '?description_localizations': localized(1, 100),
  '?required': flag,
  '?options': list(APPLICATION_COMMAND_SUBCOMMAND_OPTION, 0, 25),
});

/** The options of one command. */
export const COMMAND_OPTIONS: ShapeSchema = list(
  anyOf(
    APPLICATION_COMMAND_ATTACHMENT_OPTION,
    APPLICATION_COMMAND_BOOLEAN_OPTION,
    APPLICATION_COMMAND_CHANNEL_OPTION,
    APPLICATION_COMMAND_INTEGER_OPTION,
    APPLICATION_COMMAND_MENTIONABLE_OPTION,
    APPLICATION_COMMAND_NUMBER_OPTION,
    APPLICATION_COMMAND_ROLE_OPTION,
    APPLICATION_COMMAND_STRING_OPTION,
    APPLICATION_COMMAND_USER_OPTION,
    APPLICATION_COMMAND_SUBCOMMAND_OPTION,
    APPLICATION_COMMAND_SUBCOMMAND_GROUP_OPTION,
  ),
  0,
  25,
);

/** The commands of an application or of one server. */
export const COMMANDS: ShapeSchema = list(
  object({
    '?id': ID,
    name: text(1, 32),
    '?name_localizations': localized(1, 32),
    '?description': text(0, 100),
    '?description_localizations': localized(1, 100),
    '?options': COMMAND_OPTIONS,
    '?default_member_permissions': whole(0, 9_007_199_254_740_991),
    '?dm_permission': flag,
    '?contexts': list(oneOf(0, 1, 2), 1, 3, true),
    '?integration_types': list(oneOf(0, 1), 1, 2, true),
    '?handler': oneOf(1, 2),
    '?type': oneOf(1, 2, 3, 4),
  }),
  0,
  130,
);
