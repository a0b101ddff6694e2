import { Flag } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class ShieldMode {
  @Flag('On', { example: true })
  is_active!: boolean;
}

class ShieldModeResult {
  @Flag('It is on')
  is_active!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#update-shield-mode-status */
export const shieldMode = twitchAction({
  type: 'shield_mode',
  group: 'moderation',
  summary: 'Switch the shield mode of the chat on or off',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-shield-mode-status',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `twitch:shield:${account.id}`,
  scopes: ['moderator:manage:shield_mode'],
  actsAs: 'actor',
  input: ShieldMode,
  output: ShieldModeResult,
  request: ({ is_active }, { account, actor }) => ({
    method: 'PUT',
    path: '/moderation/shield_mode',
    query: { broadcaster_id: account.id, moderator_id: actor.id },
    body: { is_active },
  }),
  response: ({ data: [{ is_active }] }: HelixOne<ShieldModeResult>) => ({ is_active }),
  example: { input: { is_active: true }, output: { is_active: true } },
});
