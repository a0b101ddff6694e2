/** The states of a broadcast, in their order. */
export const LIFE_CYCLE = ['created', 'ready', 'testing', 'live', 'complete'] as const;
export type LifeCycle = (typeof LIFE_CYCLE)[number];

/** What a video says about itself. */
export interface VideoSnippet {
  title: string;
  description: string;
  categoryId: string;
  tags?: string[];
  defaultLanguage?: string;
  defaultAudioLanguage?: string;
}

/** The snippet of a track of captions. */
export function describeCaption(
  videoId: string,
  language: string,
  name: string,
  isDraft: boolean,
): Record<string, unknown> {
  return {
    videoId,
    lastUpdated: '2026-01-01T00:00:00Z',
    trackKind: 'standard',
    language,
    name,
    audioTrackType: 'unknown',
    isCC: false,
    isLarge: false,
    isEasyReader: false,
    isDraft,
    isAutoSynced: false,
    status: 'serving',
  };
}

/** The parts of a subscription. */
export function describeSubscription(
  subscriber: string,
  target: string,
  nameChannel: (id: string) => string,
): Record<string, Record<string, unknown>> {
  return {
    snippet: {
      publishedAt: '2026-01-01T00:00:00Z',
      title: nameChannel(target),
      description: '',
      channelId: subscriber,
      resourceId: { kind: 'youtube#channel', channelId: target },
    },
    subscriberSnippet: { title: nameChannel(subscriber), description: '', channelId: subscriber },
    contentDetails: { totalItemCount: 0, newItemCount: 0, activityType: 'all' },
  };
}

/** The parts of a resource by their names. */
export type Parts = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A resource that is kept as it was sent, below the channel that owns it. */
export interface Stored {
  readonly id: string;
  readonly channel_id: string;
  readonly parts: Parts;
}
