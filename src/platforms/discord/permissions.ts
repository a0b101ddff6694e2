/**
 * The permissions of a bot in a server that our actions need, and the bit of each. Discord alone knows
 * which a bot has in a channel, so they are told to people and not checked before sending.
 * @see https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags
 */
const BITS = {
  KICK_MEMBERS: 1n << 1n,
  BAN_MEMBERS: 1n << 2n,
  ADMINISTRATOR: 1n << 3n,
  ADD_REACTIONS: 1n << 6n,
  VIEW_CHANNEL: 1n << 10n,
  SEND_MESSAGES: 1n << 11n,
  MANAGE_MESSAGES: 1n << 13n,
  EMBED_LINKS: 1n << 14n,
  ATTACH_FILES: 1n << 15n,
  READ_MESSAGE_HISTORY: 1n << 16n,
  MANAGE_ROLES: 1n << 28n,
  MANAGE_WEBHOOKS: 1n << 29n,
  MODERATE_MEMBERS: 1n << 40n,
} as const;

export type DiscordPermission = keyof typeof BITS;

/** Permissions as the one number, written out, that Discord takes. */
export function sumPermissions(names: readonly string[]): string {
  const bits = names.map((name) => BITS[name as DiscordPermission] ?? 0n);
  return String(bits.reduce((sum, bit) => sum | bit, 0n));
}

/** Those of our permissions that a number of Discord's holds; an administrator has them all. */
export function listPermissions(sum: string): DiscordPermission[] {
  const given = /^\d{1,40}$/.test(sum) ? BigInt(sum) : 0n;
  const isAdministrator = (given & BITS.ADMINISTRATOR) !== 0n;
  return (Object.keys(BITS) as DiscordPermission[]).filter(
    (name) => (given & BITS[name]) !== 0n || (isAdministrator && name !== 'ADMINISTRATOR'),
  );
}
