import { Flag, Text } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class GetShieldMode {}

class GetShieldModeResult {
  @Flag('It is on')
  is_active!: boolean;

  @Text('Id of who switched it on last; empty for nobody', { min: 0 })
  moderator_id!: string;

  @Text('When it was switched on last; empty for never', { min: 0 })
  last_activated_at!: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-shield-mode-status */
export const getShieldMode = twitchAction({
  type: 'get_shield_mode',
  group: 'moderation',
  summary: 'Read whether the shield mode of a chat is on',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-shield-mode-status',
  effect: 'read',
  cacheSeconds: 5,
  scopes: [['moderator:read:shield_mode', 'moderator:manage:shield_mode']],
  actsAs: 'actor',
  input: GetShieldMode,
  output: GetShieldModeResult,
  request: (_input, { account, actor }) => ({
    method: 'GET',
    path: '/moderation/shield_mode',
    query: { broadcaster_id: account.id, moderator_id: actor.id },
  }),
  response: ({
    data: [{ is_active, moderator_id, last_activated_at }],
  }: HelixOne<GetShieldModeResult>) => ({ is_active, moderator_id, last_activated_at }),
  example: { input: {}, output: { is_active: false, moderator_id: '', last_activated_at: '' } },
});
