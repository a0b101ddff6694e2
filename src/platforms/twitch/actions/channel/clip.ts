import { ActionFailure } from '../../../../actions/failures.js';
import { Decimal, Flag, Id, Text } from '../../../../actions/fields.js';
import { isObject } from '../../../../actions/json.js';
import { readList, twitchAction } from '../../twitch-action.js';

class Clip {
  @Text('Title of the clip; the title of the stream when left out', { optional: true, max: 140 })
  title?: string;

  @Decimal('Length in seconds; 30 when left out', { optional: true, min: 5, max: 60, step: 0.1 })
  duration?: number;

  @Flag('false answers as soon as Twitch has named the clip, and does not wait until it shows it', {
    optional: true,
  })
  confirm?: boolean;
}

class CreatedClip {
  @Id('Id of the clip')
  clip_id!: string;

  @Text('Where the broadcaster edits it')
  edit_url!: string;

  @Text('Where everybody watches it', { optional: true })
  url?: string;
}

/** Twitch shows most clips within this time, by its documentation; some are shown later. */
const USUAL_MS = 15_000;
const LOOKED_FOR_MS = 90_000;
const LOOK_EVERY_MS = 1_000;
const LOOK_LATER_EVERY_MS = 5_000;

/** @throws ActionFailure UNREADABLE_ANSWER when the answer does not name the clip */
function readMade(answer: unknown): { clip_id: string; edit_url: string } {
  const data = isObject(answer) ? answer['data'] : undefined;
  const made: unknown = Array.isArray(data) ? data[0] : undefined;
  const { id, edit_url } = isObject(made) ? made : {};
  if (typeof id === 'string' && CLIP_ID.test(id) && typeof edit_url === 'string')
    return { clip_id: id, edit_url };
  throw new ActionFailure(
    'UNREADABLE_ANSWER',
    'Twitch accepted the clip, and its answer does not name it',
  );
}

const CLIP_ID = /^[\w-]{1,128}$/;

/**
 * Twitch makes clips in the background. One that cannot be read yet may still be made: its outcome is
 * unknown, and is looked for after the caller was answered.
 * @see https://dev.twitch.tv/docs/api/reference/#create-clip
 */
export const clip = twitchAction({
  type: 'clip',
  group: 'channel',
  summary: 'Clip the last seconds of the live stream',
  docs: 'https://dev.twitch.tv/docs/api/reference/#create-clip',
  effect: 'create',
  settlesForMs: LOOKED_FOR_MS,
  scopes: ['clips:edit'],
  actsAs: 'actor',
  input: Clip,
  output: CreatedClip,
  run: async ({ title, duration, confirm = true }, { account }, upstream) => {
    const answer = await upstream.send({
      method: 'POST',
      path: '/clips',
      query: { broadcaster_id: account.id, title, duration },
    });
    const made = readMade(answer);
    if (!confirm) return made;
    const id = made.clip_id;
    upstream.goOnAfter(made);
    for (let waitedMs = 0; waitedMs < LOOKED_FOR_MS;) {
      const url = await findUrl(id);
      if (url) return { ...made, url };
      const pauseMs = waitedMs < USUAL_MS ? LOOK_EVERY_MS : LOOK_LATER_EVERY_MS;
      if (!(await upstream.wait(pauseMs))) break;
      waitedMs += pauseMs;
    }
    throw new ActionFailure('OUTCOME_UNKNOWN', 'Twitch took the clip, and does not show it yet', {
      partialResult: made,
    });

    /** A look that fails says nothing about the clip, so the next look decides. */
    async function findUrl(clipId: string): Promise<string | undefined> {
      try {
        const looked = await upstream.send({
          method: 'GET',
          path: '/clips',
          query: { id: clipId },
        });
        const shown = readList<unknown>(looked).find(
          (one) => isObject(one) && one['id'] === clipId && typeof one['url'] === 'string',
        );
        return (shown as { readonly url: string } | undefined)?.url;
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
