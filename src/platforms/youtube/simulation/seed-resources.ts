import { describeCaption, describeSubscription, type Stored } from './resources.js';
import { DEMO_CHANNEL, QUIET_CHANNEL, SEED_CHANNELS } from './seed.js';

const PUBLISHED = '2026-01-01T00:00:00Z';

function describeStream(id: string, channelId: string, title: string): Stored {
  return {
    id,
    channel_id: channelId,
    parts: {
      snippet: {
        channelId,
        publishedAt: PUBLISHED,
        title,
        description: '',
        isDefaultStream: false,
      },
      cdn: {
        frameRate: '60fps',
        resolution: '1080p',
        ingestionType: 'rtmp',
        ingestionInfo: {
          streamName: `key-${title.toLowerCase()}`,
          ingestionAddress: 'rtmp://a.rtmp.youtube.example/live2',
        },
      },
      status: { streamStatus: 'active', healthStatus: { status: 'good' } },
      contentDetails: { isReusable: true },
    },
  };
}

function caption(id: string, language: string): Stored {
  const snippet = describeCaption('sandboxVid1', language, '', false);
  return { id, channel_id: DEMO_CHANNEL, parts: { snippet } };
}

function nameChannel(id: string): string {
  return SEED_CHANNELS.find((channel) => channel.id === id)?.title ?? id;
}

function subscription(id: string, target: string): Stored {
  const parts = describeSubscription(DEMO_CHANNEL, target, nameChannel);
  return { id, channel_id: DEMO_CHANNEL, parts };
}

/** What the examples of the documentation list, change and delete: each destructive one has its own. */
export const SEED_STREAMS: readonly Stored[] = [
  describeStream('sandboxStream1', DEMO_CHANNEL, 'Main'),
  describeStream('sandboxStream2', DEMO_CHANNEL, 'Spare'),
  describeStream('sandboxStream3', DEMO_CHANNEL, 'Old'),
  describeStream('sandboxStream4', DEMO_CHANNEL, 'Older'),
  describeStream('sandboxStreamQ', QUIET_CHANNEL, 'Quiet'),
];
export const SEED_CAPTIONS: readonly Stored[] = [
  caption('caption-sandbox-1', 'en'),
  caption('caption-sandbox-2', 'de'),
  caption('caption-sandbox-3', 'fr'),
];
export const SEED_SUBSCRIPTIONS: readonly Stored[] = [
  subscription('sub-sandbox-1', QUIET_CHANNEL),
  subscription('sub-sandbox-2', 'UCsandboxViewer000000001'),
  subscription('sub-sandbox-3', 'UCsandboxViewer000000002'),
];

/** Playlists of the demo channel, with the videos of their items. */
export const SEED_PLAYLISTS: readonly {
  readonly id: string;
  readonly title: string;
  readonly items: readonly { readonly id: string; readonly video_id: string }[];
}[] = [
  {
    id: 'PLsandboxPlaylist1',
    title: 'Season one',
    items: [{ id: 'item-sandbox-1', video_id: 'sandboxVid1' }],
  },
  {
    id: 'PLsandboxPlaylist2',
    title: 'Season too',
    items: [
      { id: 'item-sandbox-2', video_id: 'sandboxVid1' },
      { id: 'item-sandbox-3', video_id: 'sandboxVid2' },
    ],
  },
  { id: 'PLsandboxPlaylist3', title: 'To delete', items: [] },
  { id: 'PLsandboxPlaylist4', title: 'With a picture', items: [] },
];

export const SEED_IMAGES: readonly Stored[] = [
  ['image-sandbox-1', 'PLsandboxPlaylist2'],
  ['image-sandbox-2', 'PLsandboxPlaylist4'],
].map(([id = '', playlistId = '']) => ({
  id,
  channel_id: DEMO_CHANNEL,
  parts: { snippet: { playlistId, type: 'hero', width: 1280, height: 1280 } },
}));

export const SEED_SECTIONS: readonly Stored[] = ['section-sandbox-1', 'section-sandbox-2'].map(
  (id, position) => ({
    id,
    channel_id: DEMO_CHANNEL,
    parts: {
      snippet: { type: 'singlePlaylist', channelId: DEMO_CHANNEL, position },
      contentDetails: { playlists: ['PLsandboxPlaylist1'] },
    },
  }),
);

/** The settings of the demo channel. */
export const SEED_BRANDING = {
  channel: { description: 'Everything about sandboxes', keywords: 'sandbox' },
  image: { bannerExternalUrl: 'https://i.example/banner/first' },
} as const;
