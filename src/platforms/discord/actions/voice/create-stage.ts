import { Flag, Text } from '../../../../actions/fields.js';
import { Kind } from '../../../../actions/shapes.js';
import { discordAction, giveReason, Reason, Snowflake } from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

class CreateStage {
  @GuildOfNames()
  guild_id?: string;

  @Text('Its topic', { example: 'Ask us anything', max: 120 })
  topic!: string;

  @DiscordChannel('The channel', { example: '700000000000000014' })
  channel_id!: string;

  @Kind('Who sees it', { public: 1, guild_only: 2 }, { optional: true })
  privacy_level?: number;

  @Snowflake('Id of the event that it belongs to', { optional: true })
  guild_scheduled_event_id?: string;

  @Flag('Notify everybody that it begins', { optional: true })
  send_start_notification?: boolean;

  @Reason()
  reason?: string;
}

class CreateStageResult {
  @Snowflake('Id of its channel')
  channel_id!: string;
}

interface CreateStageAnswer {
  readonly channel_id: string;
}

/** @see https://discord.com/developers/docs/resources/stage-instance#create-stage-instance */
export const createStage = discordAction({
  type: 'create_stage',
  group: 'voice',
  summary: 'Open a stage',
  docs: 'https://discord.com/developers/docs/resources/stage-instance#create-stage-instance',
  effect: 'create',
  scopes: [],
  permissions: ['MANAGE_CHANNELS', 'MUTE_MEMBERS', 'MOVE_MEMBERS'],
  actsAs: 'account',
  input: CreateStage,
  output: CreateStageResult,
  request: ({ guild_id: _guild, reason, ...body }) => ({
    method: 'POST',
    path: '/stage-instances',
    headers: giveReason(reason),
    body: { ...body },
  }),
  response: (answer: CreateStageAnswer) => ({ channel_id: answer.channel_id }),
  example: {
    input: { topic: 'Ask us anything', channel_id: '700000000000000014' },
    output: { channel_id: '700000000000000014' },
  },
});
