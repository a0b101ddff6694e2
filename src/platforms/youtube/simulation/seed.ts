import type { LifeCycle, VideoSnippet } from './resources.js';

export const DEMO_CHANNEL = 'UCsandboxDemoChannel0001';
const MODERATOR = 'UCsandboxModerator000001';
export const QUIET_CHANNEL = 'UCsandboxQuietChannel001';
const VIEWERS = [1, 2, 3, 4].map((number) => `UCsandboxViewer00000000${number}`);

/** The demo channel streams, the moderator looks after its chat, the quiet one has nothing on air. */
export const SEED_CHANNELS = [
  { id: DEMO_CHANNEL, title: 'Demo Channel' },
  { id: MODERATOR, title: 'Demo Moderator' },
  { id: QUIET_CHANNEL, title: 'Quiet Channel' },
  ...VIEWERS.map((id, index) => ({ id, title: `Viewer ${index + 1}` })),
] as const satisfies readonly { id: string; title: string }[] as readonly [
  { id: string; title: string },
  ...{ id: string; title: string }[],
];

interface SeedBroadcast {
  readonly id: string;
  readonly channel_id: string;
  readonly title: string;
  readonly life_cycle_status: LifeCycle;
  readonly moderators?: readonly string[];
  readonly bans?: readonly { id: string; channel_id: string }[];
  readonly messages?: readonly {
    readonly id: string;
    readonly author_id: string;
    readonly text: string;
    readonly age_ms: number;
    readonly poll?: { question: string; options: readonly string[]; is_active: boolean };
  }[];
}

const MINUTE_MS = 60_000;

/** The ids are fixed, so that the examples of the documentation work on the first run. */
export const SEED_BROADCASTS: readonly SeedBroadcast[] = [
  {
    id: 'sandboxCast',
    channel_id: DEMO_CHANNEL,
    title: 'Welcome to the sandbox',
    life_cycle_status: 'live',
    moderators: [MODERATOR],
    bans: [{ id: 'ban-sandbox-1', channel_id: 'UCsandboxViewer000000004' }],
    messages: [
      {
        id: 'LCC.EhwKGkNQamRlbW9NZXNzYWdl',
        author_id: 'UCsandboxViewer000000002',
        text: 'cheap followers at not-a-real-site.example',
        age_ms: 4 * MINUTE_MS,
      },
      {
        id: 'LCC.EhwKGkNQamRlbW9NZXNzYWdm',
        author_id: 'UCsandboxViewer000000003',
        text: 'hello from the front row',
        age_ms: 2 * MINUTE_MS,
      },
    ],
  },
  {
    id: 'sandboxNext',
    channel_id: QUIET_CHANNEL,
    title: 'Soon',
    life_cycle_status: 'ready',
  },
  // Chats of others, in which the demo channel may start a poll and end one.
  {
    id: 'sandboxTalk',
    channel_id: 'UCsandboxViewer000000001',
    title: 'Talk',
    life_cycle_status: 'live',
    moderators: [DEMO_CHANNEL],
  },
  {
    id: 'sandboxDebate',
    channel_id: 'UCsandboxViewer000000002',
    title: 'Debate',
    life_cycle_status: 'live',
    moderators: [DEMO_CHANNEL],
    messages: [
      {
        id: 'LCC.sandboxPoll1',
        author_id: DEMO_CHANNEL,
        text: 'Which game next?',
        age_ms: MINUTE_MS,
        poll: { question: 'Which game next?', options: ['Chess', 'Go'], is_active: true },
      },
    ],
  },
  // Broadcasts to change, to delete and to bind.
  ...[1, 2, 3].map((number) => ({
    id: `sandboxLater${number}`,
    channel_id: DEMO_CHANNEL,
    title: `Later ${number}`,
    life_cycle_status: 'created' as const,
  })),
];

export const SEED_VIDEOS: readonly {
  readonly id: string;
  readonly channel_id: string;
  readonly snippet: VideoSnippet;
}[] = [
  {
    id: 'sandboxVid1',
    channel_id: DEMO_CHANNEL,
    snippet: {
      title: 'The first video',
      description: 'How it all began',
      categoryId: '20',
      tags: ['sandbox', 'first steps'],
      defaultLanguage: 'en',
      defaultAudioLanguage: 'en',
    },
  },
  {
    id: 'sandboxVid2',
    channel_id: DEMO_CHANNEL,
    snippet: { title: 'The second video', description: '', categoryId: '22' },
  },
  {
    id: 'sandboxVid3',
    channel_id: QUIET_CHANNEL,
    snippet: { title: 'A quiet video', description: 'Shh', categoryId: '10' },
  },
  {
    id: 'sandboxVid4',
    channel_id: DEMO_CHANNEL,
    snippet: { title: 'A video to delete', description: '', categoryId: '22' },
  },
];

export const SEED_COMMENTS: readonly {
  readonly id: string;
  readonly video_id: string;
  readonly parent_id: null;
  readonly author_id: string;
  readonly text: string;
}[] = [
  {
    id: 'UgsandboxComment1',
    video_id: 'sandboxVid1',
    parent_id: null,
    author_id: DEMO_CHANNEL,
    text: 'Ask me anything',
  },
  {
    id: 'UgsandboxComment2',
    video_id: 'sandboxVid1',
    parent_id: null,
    author_id: 'UCsandboxViewer000000002',
    text: 'First!',
  },
  {
    id: 'UgsandboxComment3',
    video_id: 'sandboxVid1',
    parent_id: null,
    author_id: DEMO_CHANNEL,
    text: 'Posted twice by mistake',
  },
];
