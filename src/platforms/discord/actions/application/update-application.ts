import { requireChange } from '../../../../actions/changes.js';
import { Integer, List, WebAddress } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { Kind, list, object, Shape, text, whole, word } from '../../../../actions/shapes.js';
import { discordAction, Snowflake, takeAway } from '../../discord-action.js';
import { Picture, readPictures } from '../../pictures.js';
import { localized } from '../../shapes/values.js';

class UpdateApplication {
  @Shape(
    'What it is about',
    object({ default: text(0, 400), '?localizations': localized(0, 400) }),
    { optional: true },
  )
  description?: JsonObject;

  @Picture('Its picture', { optional: true })
  icon?: string;

  @Picture('Cover image', { optional: true })
  cover_image?: string;

  @Integer('Flags of Discord as a sum', { optional: true, min: 0, max: 2147483647 })
  flags?: number;

  @WebAddress('Interactions endpoint url', { optional: true, max: 2048 })
  interactions_endpoint_url?: string;

  @Kind('Whether media are scanned', { inherit: 0, always: 1 }, { optional: true })
  explicit_content_filter?: number;

  @Integer('Max participants', { optional: true, min: -1, max: 2147483647 })
  max_participants?: number;

  @List('Words for finding it, comma-separated', {
    optional: true,
    maxItems: 5,
    maxLength: 20,
    unique: true,
  })
  tags?: string[];

  @WebAddress('Custom install url', { optional: true, max: 2048 })
  custom_install_url?: string;

  @Shape(
    'How it is installed',
    object({
      '?scopes': list(word('applications.commands', 'bot'), 1, 2, true),
      '?permissions': whole(0, 9007199254740991),
    }),
    { optional: true },
  )
  install_params?: JsonObject;

  @WebAddress('Role connections verification url', { optional: true, max: 2048 })
  role_connections_verification_url?: string;

  @Kind('Whether events are sent', { disabled: 1, enabled: 2 }, { optional: true })
  event_webhooks_status?: number;

  @WebAddress('Event webhooks url', { optional: true, max: 2048 })
  event_webhooks_url?: string;

  @List('Event webhooks types', {
    optional: true,
    maxItems: 1000,
    choices: [
      'APPLICATION_AUTHORIZED',
      'APPLICATION_DEAUTHORIZED',
      'ENTITLEMENT_CREATE',
      'ENTITLEMENT_DELETE',
      'ENTITLEMENT_UPDATE',
      'GAME_DIRECT_MESSAGE_CREATE',
      'GAME_DIRECT_MESSAGE_DELETE',
      'GAME_DIRECT_MESSAGE_UPDATE',
      'LOBBY_MESSAGE_CREATE',
      'LOBBY_MESSAGE_DELETE',
      'LOBBY_MESSAGE_UPDATE',
      'QUEST_USER_ENROLLMENT',
    ],
    unique: true,
  })
  event_webhooks_types?: string[];

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: [
      'description',
      'icon',
      'cover_image',
      'flags',
      'interactions_endpoint_url',
      'explicit_content_filter',
      'max_participants',
      'tags',
      'custom_install_url',
      'install_params',
      'role_connections_verification_url',
      'event_webhooks_status',
      'event_webhooks_url',
      'event_webhooks_types',
    ],
  })
  reset?: string[];
}

class UpdateApplicationResult {
  @Snowflake('Id of the application')
  application_id!: string;
}

interface UpdateApplicationAnswer {
  readonly id: string;
}

/** @see https://discord.com/developers/docs/resources/application#edit-current-application */
export const updateApplication = discordAction({
  type: 'update_application',
  group: 'application',
  summary: 'Change the application',
  docs: 'https://discord.com/developers/docs/resources/application#edit-current-application',
  effect: 'update',
  repeatable: true,
  forOperators: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: UpdateApplication,
  output: UpdateApplicationResult,
  check: ({ ...changes }) => requireChange(changes),
  run: async (input, _context, upstream) => {
    const { reset, ...body } = input;
    const pictures = await readPictures(body, ['icon', 'cover_image'], upstream);
    const answer = await upstream.send<UpdateApplicationAnswer>({
      method: 'PATCH',
      path: '/applications/@me',
      body: { ...body, ...takeAway(reset), ...pictures },
    });
    return { application_id: answer.id };
  },
  example: { input: { tags: ['demo'] }, output: { application_id: '100000000000000001' } },
});
