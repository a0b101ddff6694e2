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
