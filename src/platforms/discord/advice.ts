import type { Refusal } from '../../actions/wire.js';

/** What an action needs, as far as advice about its refusals goes. */
export interface ActionNeeds {
  readonly type: string;
  readonly permissions: readonly string[];
}

/** Permissions whose use Discord also bounds by roles: nothing at or above the bot's highest role is changed. */
const BOUND_BY_ROLES: ReadonlySet<string> = new Set([
  'BAN_MEMBERS',
  'KICK_MEMBERS',
  'MANAGE_NICKNAMES',
  'MANAGE_ROLES',
  'MODERATE_MEMBERS',
]);
const MISSING_ACCESS = '50001';
const MISSING_PERMISSIONS = '50013';
const NO_TWO_FACTORS = '60003';
const TOO_OLD = '50034';
const TOO_LARGE = '40005';

/**
 * What to do about a refusal. Discord does not say which permission is missing, and the action knows which it needs.
 * @see https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
 */
export function adviseOn(
  { platformCode }: Pick<Refusal, 'platformCode'>,
  { type, permissions }: ActionNeeds,
): string | undefined {
  switch (platformCode) {
    case MISSING_PERMISSIONS:
      return adviseOnPermissions(type, permissions);
    case MISSING_ACCESS:
      return `the bot is not in the server, or does not see the channel: let it in, and grant VIEW_CHANNEL to its role in the settings of the channel (Permissions)`;
    case NO_TWO_FACTORS:
      return 'the server wants two-factor authentication of moderators: turn it on for the account that owns the bot';
    case TOO_OLD:
      return 'Discord deletes no message in bulk that is older than 14 days: delete it alone';
    case TOO_LARGE:
      return 'the files are larger than the server takes: make them smaller, or send an address in their place';
    default:
      return undefined;
  }
}

function adviseOnPermissions(type: string, permissions: readonly string[]): string | undefined {
  if (permissions.length === 0) return undefined;
  const isBound = permissions.some((name) => BOUND_BY_ROLES.has(name));
  const grant = `${type} needs ${permissions.join(', ')}: grant what is missing to the role of the bot, in the settings of the server (Roles) or of the channel (Permissions)`;
  return isBound
    ? `${grant}, and move that role above the roles and members that it is to change`
    : grant;
}
