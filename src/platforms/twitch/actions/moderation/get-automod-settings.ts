import { Integer } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class GetAutomodSettings {}

class GetAutomodSettingsResult {
  @Integer('The level of all kinds, if there is one', { optional: true, min: 0, max: 4 })
  overall_level?: number;

  @Integer('Level for aggression', { min: 0, max: 4 })
  aggression!: number;

  @Integer('Level for bullying', { min: 0, max: 4 })
  bullying!: number;

  @Integer('Level for disability', { min: 0, max: 4 })
  disability!: number;

  @Integer('Level for misogyny', { min: 0, max: 4 })
  misogyny!: number;

  @Integer('Level for race ethnicity or religion', { min: 0, max: 4 })
  race_ethnicity_or_religion!: number;

  @Integer('Level for sex based terms', { min: 0, max: 4 })
  sex_based_terms!: number;

  @Integer('Level for sexuality sex or gender', { min: 0, max: 4 })
  sexuality_sex_or_gender!: number;

  @Integer('Level for swearing', { min: 0, max: 4 })
  swearing!: number;
}

interface HelixGetAutomodSettings {
  readonly overall_level: number | null;
  readonly aggression: number;
  readonly bullying: number;
  readonly disability: number;
  readonly misogyny: number;
  readonly race_ethnicity_or_religion: number;
  readonly sex_based_terms: number;
  readonly sexuality_sex_or_gender: number;
  readonly swearing: number;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-automod-settings */
export const getAutomodSettings = twitchAction({
  type: 'get_automod_settings',
  group: 'moderation',
  summary: 'Read how strict AutoMod is',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-automod-settings',
  effect: 'read',
  cacheSeconds: 5,
  scopes: [['moderator:read:automod_settings', 'moderator:manage:automod_settings']],
  actsAs: 'actor',
  input: GetAutomodSettings,
  output: GetAutomodSettingsResult,
  request: (_input, { account, actor }) => ({
    method: 'GET',
    path: '/moderation/automod/settings',
    query: { broadcaster_id: account.id, moderator_id: actor.id },
  }),
  response: ({ data: [item] }: HelixOne<HelixGetAutomodSettings>) => ({
    overall_level: item.overall_level ?? undefined,
    aggression: item.aggression,
    bullying: item.bullying,
    disability: item.disability,
    misogyny: item.misogyny,
    race_ethnicity_or_religion: item.race_ethnicity_or_religion,
    sex_based_terms: item.sex_based_terms,
    sexuality_sex_or_gender: item.sexuality_sex_or_gender,
    swearing: item.swearing,
  }),
  example: {
    input: {},
    output: {
      overall_level: 1,
      aggression: 1,
      bullying: 1,
      disability: 1,
      misogyny: 1,
      race_ethnicity_or_religion: 1,
      sex_based_terms: 1,
      sexuality_sex_or_gender: 1,
      swearing: 1,
    },
  },
});
