import { Integer } from '../../../../actions/fields.js';
import { requireChange } from '../../../../actions/changes.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class UpdateAutomodSettings {
  @Integer('One level for all kinds, 0 to 4; without it, kinds that are left out become 0', {
    optional: true,
    min: 0,
    max: 4,
  })
  overall_level?: number;

  @Integer('Level for aggression', { optional: true, min: 0, max: 4 })
  aggression?: number;

  @Integer('Level for bullying', { optional: true, min: 0, max: 4 })
  bullying?: number;

  @Integer('Level for disability', { optional: true, min: 0, max: 4 })
  disability?: number;

  @Integer('Level for misogyny', { optional: true, min: 0, max: 4 })
  misogyny?: number;

  @Integer('Level for race ethnicity or religion', { optional: true, min: 0, max: 4 })
  race_ethnicity_or_religion?: number;

  @Integer('Level for sex based terms', { optional: true, min: 0, max: 4 })
  sex_based_terms?: number;

  @Integer('Level for sexuality sex or gender', { optional: true, min: 0, max: 4 })
  sexuality_sex_or_gender?: number;

  @Integer('Level for swearing', { optional: true, min: 0, max: 4 })
  swearing?: number;
}

class UpdateAutomodSettingsResult {
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

interface HelixUpdateAutomodSettings {
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

/** @see https://dev.twitch.tv/docs/api/reference/#update-automod-settings */
export const updateAutomodSettings = twitchAction({
  type: 'update_automod_settings',
  group: 'moderation',
  summary: 'Change how strict AutoMod is: one level for everything, or one for each kind',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-automod-settings',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `twitch:automod:${account.id}`,
  check: ({ overall_level, ...kinds }) => [
    ...requireChange({ overall_level, ...kinds }),
    ...(overall_level !== undefined && Object.values(kinds).some((level) => level !== undefined)
      ? [
          {
            field: 'overall_level',
            message: 'must be left out where kinds have levels of their own',
          },
        ]
      : []),
  ],
  scopes: ['moderator:manage:automod_settings'],
  actsAs: 'actor',
  input: UpdateAutomodSettings,
  output: UpdateAutomodSettingsResult,
  request: (settings, { account, actor }) => ({
    method: 'PUT',
    path: '/moderation/automod/settings',
    query: { broadcaster_id: account.id, moderator_id: actor.id },
    body: { ...settings },
  }),
  response: ({ data: [item] }: HelixOne<HelixUpdateAutomodSettings>) => ({
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
    input: { overall_level: 2 },
    output: {
      overall_level: 2,
      aggression: 2,
      bullying: 2,
      disability: 2,
      misogyny: 2,
      race_ethnicity_or_religion: 2,
      sex_based_terms: 2,
      sexuality_sex_or_gender: 2,
      swearing: 2,
    },
  },
});
