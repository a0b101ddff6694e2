import { Decimal, Id, Integer, Text } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class ClipFromVod {
  @Id('Id of the video', { example: '335921245' })
  vod_id!: string;

  @Integer('Second of the video at which the clip ends', { min: 1, max: 1_000_000, example: 60 })
  vod_offset!: number;

  @Decimal('Seconds of the clip', { optional: true, min: 5, max: 60, step: 0.1 })
  duration?: number;

  @Text('Title of the clip', { max: 140, visible: true, example: 'What a save' })
  title!: string;
}

class ClipFromVodResult {
  @Id('Id of the clip')
  clip_id!: string;

  @Text('Where it can be edited')
  edit_url!: string;
}

interface HelixClipFromVod {
  readonly id: string;
  readonly edit_url: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#create-clip-from-vod */
export const clipFromVod = twitchAction({
  type: 'clip_from_vod',
  group: 'channel',
  summary: 'Make a clip of a recorded stream',
  docs: 'https://dev.twitch.tv/docs/api/reference/#create-clip-from-vod',
  effect: 'create',
  check: ({ vod_offset, duration = 30 }) =>
    vod_offset < duration
      ? [{ field: 'vod_offset', message: 'must be at least the duration: the clip ends there' }]
      : [],
  scopes: [['channel:manage:clips', 'editor:manage:clips']],
  actsAs: 'actor',
  input: ClipFromVod,
  output: ClipFromVodResult,
  request: ({ vod_id, vod_offset, duration, title }, { account, actor }) => ({
    method: 'POST',
    path: '/videos/clips',
    query: { editor_id: actor.id, broadcaster_id: account.id, vod_id, vod_offset, duration, title },
  }),
  response: ({ data: [item] }: HelixOne<HelixClipFromVod>) => ({
    clip_id: item.id,
    edit_url: item.edit_url,
  }),
  example: {
    input: { vod_id: '335921245', vod_offset: 60, title: 'What a save' },
    output: {
      clip_id: 'FiveWordsForTheClip',
      edit_url: 'https://clips.twitch.tv/FiveWordsForTheClip/edit',
    },
  },
});
