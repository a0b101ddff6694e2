/** A person to add to the world; what is left out is the ordinary case. */
export interface SeedUser {
  readonly id: string;
  readonly login: string;
  readonly display_name?: string;
  readonly broadcaster_type?: '' | 'affiliate' | 'partner';
  readonly phone_verified?: boolean;
  readonly accepts_whispers?: boolean;
}

interface SeedChannel {
  readonly broadcaster_id: string;
  readonly title: string;
  readonly game_id: string;
  readonly live: boolean;
  readonly community_built: boolean;
  readonly moderators: readonly string[];
  readonly vips: readonly string[];
  readonly banned: readonly string[];
  readonly messages: readonly { id: string; sender_id: string; text: string; age_ms: number }[];
}

/** Games (Twitch calls them categories) by id. */
export const GAMES: ReadonlyMap<string, string> = new Map([
  ['509658', 'Just Chatting'],
  ['33214', 'Fortnite'],
  ['27471', 'Minecraft'],
  ['21779', 'League of Legends'],
  ['516575', 'VALORANT'],
  ['26936', 'Music'],
  ['509660', 'Art'],
  ['1469308723', 'Software and Game Development'],
]);

const VIEWERS = [
  'viewer_one',
  'viewer_two',
  'viewer_three',
  'viewer_four',
  'viewer_five',
  'viewer_six',
  'viewer_seven',
  'viewer_eight',
  'viewer_nine',
  'viewer_ten',
];

/**
 * 1001 streams, 1002 is its bot and moderator, 1003 streams too, 1004 is offline, 2001 to 2010 watch:
 * 2003 is a VIP, 2006 is banned, 2009 takes no whispers from strangers, 2010 has no verified phone.
 */
export const SEED_USERS: readonly SeedUser[] = [
  {
    id: '1001',
    login: 'demo_channel',
    display_name: 'Demo_Channel',
    broadcaster_type: 'affiliate',
  },
  { id: '1002', login: 'demo_bot', display_name: 'Demo_Bot' },
  { id: '1003', login: 'raid_friend', display_name: 'Raid_Friend', broadcaster_type: 'affiliate' },
  { id: '1004', login: 'offline_channel', display_name: 'Offline_Channel' },
  ...VIEWERS.map((login, index) => ({
    id: String(2001 + index),
    login,
    accepts_whispers: login !== 'viewer_nine',
    phone_verified: login !== 'viewer_ten',
  })),
];

const MINUTE_MS = 60_000;

/** A poll and a prediction that are running, so that an example can end each of them on the first run. */
export const SEED_POLL = {
  broadcaster_id: '1003',
  id: '5a6d0000-0000-4000-8000-000000000201',
  title: 'Which castle next?',
  choices: [
    { id: '5a6d0000-0000-4000-8000-000000000202', title: 'A tall one' },
    { id: '5a6d0000-0000-4000-8000-000000000203', title: 'A wide one' },
  ],
  // A day, which is longer than Twitch takes: the example works for as long as people try it.
  duration: 86_400,
} as const;
export const SEED_PREDICTION = {
  broadcaster_id: '1003',
  id: '5a6d0000-0000-4000-8000-000000000301',
  title: 'Will the castle stand?',
  outcomes: [
    { id: '5a6d0000-0000-4000-8000-000000000302', title: 'Yes' },
    { id: '5a6d0000-0000-4000-8000-000000000303', title: 'No' },
  ],
  prediction_window: 1_800,
} as const;

/** The message ids are fixed so that an example can delete one on the first run. */
export const SEED_CHANNELS: readonly SeedChannel[] = [
  {
    broadcaster_id: '1001',
    title: 'Welcome to the sandbox',
    game_id: '509658',
    live: true,
    community_built: true,
    moderators: ['1002'],
    vips: ['2003'],
    banned: ['2006'],
    messages: [
      {
        id: '5a6d0000-0000-4000-8000-000000000000',
        sender_id: '2004',
        text: 'was here before everybody else',
        age_ms: 7 * 60 * MINUTE_MS,
      },
      {
        id: '5a6d0000-0000-4000-8000-000000000001',
        sender_id: '2001',
        text: 'hello from the front row',
        age_ms: 9 * MINUTE_MS,
      },
      {
        id: '5a6d0000-0000-4000-8000-000000000002',
        sender_id: '2002',
        text: 'first time here, what are we playing?',
        age_ms: 8 * MINUTE_MS,
      },
      {
        id: '5a6d0000-0000-4000-8000-000000000003',
        sender_id: '1001',
        text: 'welcome, everybody!',
        age_ms: 7 * MINUTE_MS,
      },
      {
        id: '5a6d0000-0000-4000-8000-000000000004',
        sender_id: '1002',
        text: 'type !rules for the rules',
        age_ms: 6 * MINUTE_MS,
      },
      {
        id: '5a6d0000-0000-4000-8000-000000000005',
        sender_id: '2005',
        text: 'cheap followers at not-a-real-site.example',
        age_ms: 2 * MINUTE_MS,
      },
    ],
  },
  {
    broadcaster_id: '1003',
    title: 'Building things with friends',
    game_id: '27471',
    live: true,
    community_built: false,
    moderators: [],
    vips: [],
    banned: [],
    messages: [
      {
        id: '5a6d0000-0000-4000-8000-000000000101',
        sender_id: '2007',
        text: 'nice castle',
        age_ms: 3 * MINUTE_MS,
      },
    ],
  },
  {
    broadcaster_id: '1002',
    title: '',
    game_id: '',
    live: false,
    community_built: false,
    moderators: [],
    vips: [],
    banned: [],
    messages: [
      {
        id: '5a6d0000-0000-4000-8000-000000000411',
        sender_id: '2001',
        text: 'what can you do?',
        age_ms: 3 * MINUTE_MS,
      },
    ],
  },
  {
    broadcaster_id: '1004',
    title: 'Back on Monday',
    game_id: '26936',
    live: false,
    community_built: true,
    moderators: [],
    vips: [],
    banned: [],
    messages: [],
  },
];
