import { Values } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { requireChange } from '../../../../actions/changes.js';
import { twitchAction } from '../../twitch-action.js';

class UpdateUserExtensions {
  @Values('Panels by slot, such as {"1":{"active":true,"id":"…","version":"1.0"}}', {
    optional: true,
  })
  panel?: JsonObject;

  @Values('Overlays by slot', { optional: true })
  overlay?: JsonObject;

  @Values('Components by slot', { optional: true })
  component?: JsonObject;
}

class UpdateUserExtensionsResult {
  @Values('Panels as they are now')
  panel!: JsonObject;

  @Values('Overlays as they are now')
  overlay!: JsonObject;

  @Values('Components as they are now')
  component!: JsonObject;
}

interface HelixUpdateUserExtensions {
  readonly data: {
    readonly panel: JsonObject;
    readonly overlay: JsonObject;
    readonly component: JsonObject;
  };
}

/** @see https://dev.twitch.tv/docs/api/reference/#update-user-extensions */
export const updateUserExtensions = twitchAction({
  type: 'update_user_extensions',
  group: 'users',
  summary: 'Switch the extensions of a channel on or off',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-user-extensions',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `twitch:extensions:${account.id}`,
  check: (slots) => requireChange(slots),
  scopes: ['user:edit:broadcast'],
  actsAs: 'account',
  input: UpdateUserExtensions,
  output: UpdateUserExtensionsResult,
  request: ({ panel, overlay, component }) => ({
    method: 'PUT',
    path: '/users/extensions',
    body: { data: { panel, overlay, component } },
  }),
  response: ({ data: { panel, overlay, component } }: HelixUpdateUserExtensions) => ({
    panel,
    overlay,
    component,
  }),
  example: {
    input: { panel: { '1': { active: false } } },
    output: { panel: { '1': { active: false } }, overlay: {}, component: {} },
  },
});
