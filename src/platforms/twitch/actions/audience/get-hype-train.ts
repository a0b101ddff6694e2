import { Flag, Integer } from '../../../../actions/fields.js';
import { readList, twitchAction } from '../../twitch-action.js';

class GetHypeTrain {}

class GetHypeTrainResult {
  @Flag('One is under way')
  is_active!: boolean;

  @Integer('Its level', { optional: true, min: 0 })
  level?: number;

  @Integer('Points of the level', { optional: true, min: 0 })
  progress?: number;

  @Integer('Points that the next level takes', { optional: true, min: 0 })
  goal?: number;

  @Integer('Points in all', { optional: true, min: 0 })
  total?: number;
}

interface HelixGetHypeTrain {
  readonly current: {
    readonly level: number;
    readonly progress: number;
    readonly goal: number;
    readonly total: number;
  } | null;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-hype-train-status */
export const getHypeTrain = twitchAction({
  type: 'get_hype_train',
  group: 'audience',
  summary: 'Read the hype train of the channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-hype-train-status',
  effect: 'read',
  cacheSeconds: 3,
  scopes: ['channel:read:hype_train'],
  actsAs: 'account',
  input: GetHypeTrain,
  output: GetHypeTrainResult,
  request: (_input, { account }) => ({
    method: 'GET',
    path: '/hypetrain/status',
    query: { broadcaster_id: account.id },
  }),
  response: (answer) => {
    const [status] = readList<HelixGetHypeTrain>(answer);
    if (!status?.current) return { is_active: false };
    const { level, progress, goal, total } = status.current;
    return { is_active: true, level, progress, goal, total };
  },
  example: { input: {}, output: { is_active: false } },
});
