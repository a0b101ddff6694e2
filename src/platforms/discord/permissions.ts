import { declareField, type FieldOptions } from '../../actions/fields.js';
import { list, word } from '../../actions/shapes.js';

/**
 * The permissions of Discord and the bit of each. Discord alone knows which a bot has in a channel, so those
 * that our actions need are told to people and not checked before sending.
 * @see https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags
 */
const BITS = {
  CREATE_INSTANT_INVITE: 1n << 0n,
  KICK_MEMBERS: 1n << 1n,
  BAN_MEMBERS: 1n << 2n,
  ADMINISTRATOR: 1n << 3n,
  MANAGE_CHANNELS: 1n << 4n,
  MANAGE_GUILD: 1n << 5n,
  ADD_REACTIONS: 1n << 6n,
  VIEW_AUDIT_LOG: 1n << 7n,
  PRIORITY_SPEAKER: 1n << 8n,
  STREAM: 1n << 9n,
  VIEW_CHANNEL: 1n << 10n,
  SEND_MESSAGES: 1n << 11n,
  SEND_TTS_MESSAGES: 1n << 12n,
  MANAGE_MESSAGES: 1n << 13n,
  EMBED_LINKS: 1n << 14n,
  ATTACH_FILES: 1n << 15n,
  READ_MESSAGE_HISTORY: 1n << 16n,
  MENTION_EVERYONE: 1n << 17n,
  USE_EXTERNAL_EMOJIS: 1n << 18n,
  VIEW_GUILD_INSIGHTS: 1n << 19n,
  CONNECT: 1n << 20n,
  SPEAK: 1n << 21n,
  MUTE_MEMBERS: 1n << 22n,
  DEAFEN_MEMBERS: 1n << 23n,
  MOVE_MEMBERS: 1n << 24n,
  USE_VAD: 1n << 25n,
  CHANGE_NICKNAME: 1n << 26n,
  MANAGE_NICKNAMES: 1n << 27n,
  MANAGE_ROLES: 1n << 28n,
  MANAGE_WEBHOOKS: 1n << 29n,
  MANAGE_GUILD_EXPRESSIONS: 1n << 30n,
  USE_APPLICATION_COMMANDS: 1n << 31n,
  REQUEST_TO_SPEAK: 1n << 32n,
  MANAGE_EVENTS: 1n << 33n,
  MANAGE_THREADS: 1n << 34n,
  CREATE_PUBLIC_THREADS: 1n << 35n,
  CREATE_PRIVATE_THREADS: 1n << 36n,
  USE_EXTERNAL_STICKERS: 1n << 37n,
  SEND_MESSAGES_IN_THREADS: 1n << 38n,
  USE_EMBEDDED_ACTIVITIES: 1n << 39n,
  MODERATE_MEMBERS: 1n << 40n,
  VIEW_CREATOR_MONETIZATION_ANALYTICS: 1n << 41n,
  USE_SOUNDBOARD: 1n << 42n,
  CREATE_GUILD_EXPRESSIONS: 1n << 43n,
  CREATE_EVENTS: 1n << 44n,
  USE_EXTERNAL_SOUNDS: 1n << 45n,
  SEND_VOICE_MESSAGES: 1n << 46n,
  SET_VOICE_CHANNEL_STATUS: 1n << 48n,
  SEND_POLLS: 1n << 49n,
  USE_EXTERNAL_APPS: 1n << 50n,
  PIN_MESSAGES: 1n << 51n,
  BYPASS_SLOWMODE: 1n << 52n,
} as const;

export type DiscordPermission = keyof typeof BITS;

export const PERMISSION_NAMES = Object.keys(BITS) as readonly DiscordPermission[];

/** Permissions as the one number, written out, that Discord takes. */
export function sumPermissions(names: readonly string[]): string {
  const bits = names.map((name) => BITS[name as DiscordPermission] ?? 0n);
  return String(bits.reduce((sum, bit) => sum | bit, 0n));
}

/** The permissions that a number of Discord's holds; an administrator has them all. */
export function listPermissions(sum: string): DiscordPermission[] {
  const given = /^\d{1,40}$/.test(sum) ? BigInt(sum) : 0n;
  const isAdministrator = (given & BITS.ADMINISTRATOR) !== 0n;
  return (Object.keys(BITS) as DiscordPermission[]).filter(
    (name) => (given & BITS[name]) !== 0n || (isAdministrator && name !== 'ADMINISTRATOR'),
  );
}

const BIGGEST_SUM = Number.MAX_SAFE_INTEGER;

/**
 * Permissions as names, or as the number that Discord itself has for them; the value becomes the number. All
 * permissions of today together are below 2^53.
 */
export function Permissions(description: string, options: FieldOptions = {}): PropertyDecorator {
  return declareField(description, options, {
    schema: {
      anyOf: [
        list(word(...PERMISSION_NAMES), 0, PERMISSION_NAMES.length, true),
        { type: 'integer', minimum: 0, maximum: BIGGEST_SUM },
      ],
    },
    coerce: readSum,
    findFault: (value) =>
      Number.isSafeInteger(value) && (value as number) >= 0
        ? undefined
        : 'must be a list of permissions such as ["SEND_MESSAGES"], or their sum as Discord has it',
  });
}

/** What cannot be read stays as it is. */
function readSum(value: unknown): unknown {
  if (typeof value === 'string' && /^\d{1,16}$/.test(value)) return Number(value);
  const names: unknown = typeof value === 'string' ? value.split(/[\s,]+/) : value;
  if (!Array.isArray(names)) return value;
  const isKnown = names.every((name) => typeof name === 'string' && Object.hasOwn(BITS, name));
  return isKnown ? Number(sumPermissions([...new Set(names as string[])])) : value;
}

/** The names in a number of Discord's, as it is: an administrator's other permissions are not added. */
export function namePermissions(sum: string): DiscordPermission[] {
  const given = /^\d{1,40}$/.test(sum) ? BigInt(sum) : 0n;
  return PERMISSION_NAMES.filter((name) => (given & BITS[name]) !== 0n);
}
