import { ActionFailure } from '../../../../actions/failures.js';
import { Decimal, Id, Text } from '../../../../actions/fields.js';
import { type HelixList, type HelixOne, twitchAction } from '../../twitch-action.js';

class Clip {
  @Text('Title of the clip; the title of the stream when left out', { optional: true, max: 140 })
  title?: string;

  @Decimal('Length in seconds; 30 when left out', { optional: true, min: 5, max: 60, step: 0.1 })
  duration?: number;
}

class CreatedClip {
  @Id('Id of the clip')
  clip_id!: string;

  @Text('Where the broadcaster edits it')
  edit_url!: string;

  @Text('Where everybody watches it', { optional: true })
  url?: string;
}

const CONFIRMED_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 1_000;

/**
 * Twitch makes clips in the background: one that cannot be read after 15 s was not made.
 * @see https://dev.twitch.tv/docs/api/reference/#create-clip
 */
export const clip = twitchAction({
  type: 'clip',
  group: 'channel',
  summary: 'Clip the last seconds of the live stream',
  docs: 'https://dev.twitch.tv/docs/api/reference/#create-clip',
  effect: 'create',
  scopes: ['clips:edit'],
  actsAs: 'actor',
  input: Clip,
  output: CreatedClip,
  run: async ({ title, duration }, { account }, upstream) => {
    const answer = await upstream.send<HelixOne<{ id: string; edit_url: string }>>({
      method: 'POST',
      path: '/clips',
      query: { broadcaster_id: account.id, title, duration },
    });
    const [{ id, edit_url }] = answer.data;
    const made = { clip_id: id, edit_url };
    for (let waited = 0; waited < CONFIRMED_WITHIN_MS; waited += LOOK_EVERY_MS) {
      const url = await findUrl(id);
      if (url) return { ...made, url };
      if (!(await upstream.wait(LOOK_EVERY_MS))) {
        throw new ActionFailure('OUTCOME_UNKNOWN', 'Twitch took the clip and is still making it', {
          partialResult: made,
        });
      }
    }
    throw new ActionFailure(
      'REFUSED',
      'Twitch took the clip, and did not make it within 15 seconds',
      {
        partialResult: made,
      },
    );

    /** A look that fails says nothing about the clip, so the next look decides. */
    async function findUrl(clipId: string): Promise<string | undefined> {
      try {
        const { data } = await upstream.send<HelixList<{ url: string }>>({
          method: 'GET',
          path: '/clips',
          query: { id: clipId },
        });
        return data[0]?.url;
      } catch (error) {
        if (error instanceof ActionFailure) return undefined;
        throw error;
      }
    }
  },
  example: {
    input: { title: 'What a save' },
    output: {
      clip_id: 'AwkwardHelplessSalamander',
      edit_url: 'https://clips.twitch.tv/AwkwardHelplessSalamander/edit',
      url: 'https://clips.twitch.tv/AwkwardHelplessSalamander',
    },
  },
});
