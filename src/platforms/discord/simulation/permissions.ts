/**
 * The bits of the permissions that this Discord knows.
 * @see https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags
 */
const BITS: Readonly<Record<string, number>> = {
  KICK_MEMBERS: 1,
  BAN_MEMBERS: 2,
  ADMINISTRATOR: 3,
  ADD_REACTIONS: 6,
  VIEW_CHANNEL: 10,
  SEND_MESSAGES: 11,
  MANAGE_MESSAGES: 13,
  EMBED_LINKS: 14,
  ATTACH_FILES: 15,
  READ_MESSAGE_HISTORY: 16,
  MANAGE_ROLES: 28,
  MANAGE_WEBHOOKS: 29,
  MODERATE_MEMBERS: 40,
};

export function writePermissions(names: readonly string[]): string {
  return String(names.reduce((sum, name) => sum | (1n << BigInt(BITS[name] ?? 0)), 0n));
}

/** Undefined for what is no number. */
export function readPermissions(sum: string): string[] | undefined {
  if (!/^\d{1,30}$/.test(sum)) return undefined;
  const bits = BigInt(sum);
  return Object.entries(BITS).flatMap(([name, bit]) => ((bits >> BigInt(bit)) & 1n ? [name] : []));
}
