import type { PlatformRequest } from '../../actions/wire.js';
import { giveReason, pathOfMember, Reason, Snowflake } from './discord-action.js';
import { DiscordRole, DiscordUser } from './names.js';

/** A role of a member of a server. */
export class MemberRole {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @DiscordUser('The member', { example: '200000000000000001' })
  user_id!: string;

  @DiscordRole("The role, which must stand below the bot's highest", {
    example: '600000000000000003',
  })
  role_id!: string;

  @Reason()
  reason?: string;
}

/**
 * Gives a role to a member or takes it away; doing so twice changes nothing.
 * @see https://discord.com/developers/docs/resources/guild#add-guild-member-role
 */
export function changeRole(method: 'PUT' | 'DELETE', role: MemberRole): PlatformRequest {
  return {
    method,
    path: `${pathOfMember(role)}/roles/${encodeURIComponent(role.role_id)}`,
    headers: giveReason(role.reason),
  };
}
