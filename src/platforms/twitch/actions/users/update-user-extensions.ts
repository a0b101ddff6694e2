import { requireChange } from '../../../../actions/changes.js';
import { Choice, Flag, Integer, Parts, Text, Values } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { twitchAction } from '../../twitch-action.js';

class ExtensionSlot {
  @Choice('Number of the slot', ['1', '2', '3'])
  slot!: string;

  @Flag('The extension is shown')
  active!: boolean;

  @Text('Id of the extension', { optional: true, max: 64 })
  id?: string;

  @Text('Its version', { optional: true, max: 64 })
  version?: string;
}

class ComponentSlot extends ExtensionSlot {
  @Integer('Pixels from the left edge of the video', { optional: true, min: 0, max: 8_000 })
  x?: number;

  @Integer('Pixels from the top edge of the video', { optional: true, min: 0, max: 5_000 })
  y?: number;
}

class UpdateUserExtensions {
  @Parts('Slots of panels to change', ExtensionSlot, { optional: true, minItems: 1, maxItems: 3 })
  panels?: ExtensionSlot[];

  @Parts('Slots of overlays to change', ExtensionSlot, { optional: true, minItems: 1, maxItems: 3 })
  overlays?: ExtensionSlot[];

  @Parts('Slots of components to change', ComponentSlot, {
    optional: true,
    minItems: 1,
    maxItems: 3,
  })
  components?: ComponentSlot[];
}

class UpdatedUserExtensions {
  @Values('Panels as they are now, by slot')
  panel!: JsonObject;

  @Values('Overlays as they are now, by slot')
  overlay!: JsonObject;

  @Values('Components as they are now, by slot')
  component!: JsonObject;
}

interface HelixUserExtensions {
  readonly data: {
    readonly panel: JsonObject;
    readonly overlay: JsonObject;
    readonly component: JsonObject;
  };
}

/** Slots by their number; the bounds of `x` and `y` are unpublished, and ours are generous. */
function bySlot(slots: readonly ExtensionSlot[] | undefined): JsonObject | undefined {
  return slots && Object.fromEntries(slots.map(({ slot, ...shown }) => [slot, { ...shown }]));
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
  output: UpdatedUserExtensions,
  request: ({ panels, overlays, components }) => ({
    method: 'PUT',
    path: '/users/extensions',
    body: {
      data: {
        panel: bySlot(panels),
        overlay: bySlot(overlays),
        component: bySlot(components),
      },
    },
  }),
  response: ({ data: { panel, overlay, component } }: HelixUserExtensions) => ({
    panel,
    overlay,
    component,
  }),
  example: {
    input: { panels: [{ slot: '1', active: false }] },
    output: { panel: { '1': { active: false } }, overlay: {}, component: {} },
  },
});
