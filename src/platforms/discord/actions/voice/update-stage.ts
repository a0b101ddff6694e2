import { requireChange } from '../../../../actions/changes.js';
import { Text } from '../../../../actions/fields.js';
import { Kind } from '../../../../actions/shapes.js';
import {
  buildPath,
  discordAction,
  giveReason,
  Reason,
  requireSame,
  Snowflake,
} from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

class UpdateStage {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000022' })
  channel_id!: string;

  @Text('Its topic', { optional: true, max: 120 })
  topic?: string;

  @Kind('Who sees it', { public: 1, guild_only: 2 }, { optional: true })
  privacy_level?: number;

  @Reason()
  reason?: string;
}

class UpdateStageResult {
  @Snowflake('Id of its channel')
  channel_id!: string;
}

interface UpdateStageAnswer {
  readonly channel_id: string;
}

/** @see https://discord.com/developers/docs/resources/stage-instance#modify-stage-instance */
export const updateStage = discordAction({
  type: 'update_stage',
  group: 'voice',
  summary: 'Change an open stage',
  docs: 'https://discord.com/developers/docs/resources/stage-instance#modify-stage-instance',
  effect: 'update',
  repeatable: true,
  scopes: [],
  permissions: ['MANAGE_CHANNELS', 'MUTE_MEMBERS', 'MOVE_MEMBERS'],
  actsAs: 'account',
  input: UpdateStage,
  output: UpdateStageResult,
  check: ({ channel_id: _channel0, guild_id: _guild1, reason: _reason2, ...changes }) =>
    requireChange(changes),
  request: ({ channel_id, guild_id: _guild, reason, ...body }) => ({
    method: 'PATCH',
    path: buildPath(['stage-instances', channel_id]),
    headers: giveReason(reason),
    body: { ...body },
  }),
  response: (answer: UpdateStageAnswer, input) => ({
    channel_id: requireSame(answer.channel_id, input.channel_id),
  }),
  example: {
    input: { channel_id: '700000000000000022', topic: 'Answers' },
    output: { channel_id: '700000000000000022' },
  },
});
