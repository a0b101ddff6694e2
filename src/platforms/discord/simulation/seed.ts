/** The bot that a gateway in the sandbox acts as by default. */
export const SANDBOX_BOT = {
  id: '100000000000000001',
  username: 'demo_bot',
  token: 'sandbox-discord-bot.demo.token-of-no-worth',
} as const;

/** The one OAuth application that the simulated Discord knows, that of the demo bot. It protects nothing. */
export const SANDBOX_DISCORD_CLIENT = {
  id: SANDBOX_BOT.id,
  secret: 'sandbox-discord-secret-not-a-real-one',
} as const;

export const DEMO_GUILD = '800000000000000001';
/** A second server of the same owner, which no bot is in until somebody lets it in; and its channel. */
export const OTHER_GUILD = '800000000000000002';
export const OTHER_CHANNEL = '700000000000000004';
/** Where the bot may write. */
export const DEMO_CHANNEL = '700000000000000001';
/** Where the bot may read and not write, and where it may not even look. */
export const READ_ONLY_CHANNEL = '700000000000000002';
export const HIDDEN_CHANNEL = '700000000000000003';

interface SeedRole {
  readonly id: string;
  readonly name: string;
  readonly position: number;
  readonly permissions: readonly string[];
}

/** From the bottom to the top: the bot's own role stands between the members' and the moderators'. */
export const SEED_ROLES: readonly SeedRole[] = [
  { id: DEMO_GUILD, name: '@everyone', position: 0, permissions: [] },
  { id: '600000000000000003', name: 'Regular', position: 1, permissions: [] },
  { id: '600000000000000004', name: 'Subscriber', position: 2, permissions: [] },
  {
    id: '600000000000000002',
    name: 'Bot',
    position: 5,
    permissions: [
      'ADD_REACTIONS',
      'ATTACH_FILES',
      'BAN_MEMBERS',
      'CHANGE_NICKNAME',
      'CREATE_INSTANT_INVITE',
      'CREATE_PRIVATE_THREADS',
      'CREATE_PUBLIC_THREADS',
      'DEAFEN_MEMBERS',
      'EMBED_LINKS',
      'KICK_MEMBERS',
      'MANAGE_CHANNELS',
      'MANAGE_EVENTS',
      'MANAGE_GUILD',
      'MANAGE_GUILD_EXPRESSIONS',
      'MANAGE_MESSAGES',
      'MANAGE_NICKNAMES',
      'MANAGE_ROLES',
      'MANAGE_THREADS',
      'MANAGE_WEBHOOKS',
      'MODERATE_MEMBERS',
      'MOVE_MEMBERS',
      'MUTE_MEMBERS',
      'PIN_MESSAGES',
      'READ_MESSAGE_HISTORY',
      'SEND_MESSAGES',
      'SEND_MESSAGES_IN_THREADS',
      'SEND_POLLS',
      'SET_VOICE_CHANNEL_STATUS',
      'USE_SOUNDBOARD',
      'VIEW_AUDIT_LOG',
      'VIEW_CHANNEL',
    ],
  },
  { id: '600000000000000001', name: 'Admin', position: 9, permissions: ['ADMINISTRATOR'] },
];

export const BOT_ROLE = '600000000000000002';

interface SeedUser {
  readonly id: string;
  readonly username: string;
  readonly roles: readonly string[];
}

/** 2000…1 to 2000…5 are members, 2000…8 is an admin, 2000…9 owns the server, 2000…7 is a stranger. */
export const SEED_MEMBERS: readonly SeedUser[] = [
  { id: '200000000000000001', username: 'member_one', roles: [] },
  { id: '200000000000000002', username: 'member_two', roles: ['600000000000000003'] },
  { id: '200000000000000003', username: 'member_three', roles: [] },
  { id: '200000000000000004', username: 'member_four', roles: [] },
  {
    id: '200000000000000005',
    username: 'member_five',
    roles: ['600000000000000003', '600000000000000004'],
  },
  { id: '200000000000000008', username: 'admin', roles: ['600000000000000001'] },
  { id: '200000000000000009', username: 'owner', roles: [] },
];

export const STRANGER = { id: '200000000000000007', username: 'stranger' } as const;
export const OWNER = '200000000000000009';
/** An emoji of the server's own. */
export const SEED_EMOJI = { id: '500000000000000001', name: 'party' } as const;
/** A message of a member, for reactions and for deleting. */
export const SEED_MESSAGE = '1300000000000000001';
/** A message of the bot's own, for editing, and another one of a member. */
export const SEED_BOT_MESSAGE = '1300000000000000004';
export const SEED_OTHER_MESSAGE = '1300000000000000005';
/** A webhook of the channel in which the bot may write. */
export const SEED_WEBHOOK = {
  id: '1300000000000000002',
  name: 'News',
  token: 'secret-of-the-webhook',
} as const;
