import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, giveReason, Reason } from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

class DeleteStage {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000023' })
  channel_id!: string;

  @Reason()
  reason?: string;
}

class DeleteStageDone {
  @Flag('The stage is closed')
  stage_closed!: boolean;
}

/** @see https://discord.com/developers/docs/resources/stage-instance#delete-stage-instance */
export const deleteStage = discordAction({
  type: 'delete_stage',
  group: 'voice',
  summary: 'Close a stage',
  docs: 'https://discord.com/developers/docs/resources/stage-instance#delete-stage-instance',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10067',
  scopes: [],
  permissions: ['MANAGE_CHANNELS', 'MUTE_MEMBERS', 'MOVE_MEMBERS'],
  actsAs: 'account',
  input: DeleteStage,
  output: DeleteStageDone,
  request: ({ channel_id, reason }) => ({
    method: 'DELETE',
    path: buildPath(['stage-instances', channel_id]),
    headers: giveReason(reason),
  }),
  yes: 'no body',
  response: () => ({ stage_closed: true }),
  example: { input: { channel_id: '700000000000000023' }, output: { stage_closed: true } },
});
