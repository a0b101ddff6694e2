import { Choice, Flag, Integer, List, Parts, Text } from '../../../../actions/fields.js';
import { requireChange } from '../../../../actions/changes.js';
import { TwitchGame } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

/** Mature games are classified by Twitch itself. */
const LABELS = [
  'DebatedSocialIssuesAndPolitics',
  'DrugsIntoxication',
  'SexualThemes',
  'ViolentGraphic',
  'Gambling',
  'ProfanityVulgarity',
];

class Label {
  @Choice('Id of the label', LABELS)
  id!: string;

  @Flag('The stream has such content')
  is_enabled!: boolean;
}

class UpdateChannel {
  @Text('Title of the stream', { optional: true, max: 140, visible: true })
  title?: string;

  @TwitchGame('The game or category; "0" takes it away', { optional: true })
  game_id?: string;

  @Text('Language of the stream, such as en, or "other"', {
    optional: true,
    max: 5,
    pattern: /^([a-z]{2}|other)$/,
    patternMeans: 'a code of ISO 639-1, or "other"',
  })
  broadcaster_language?: string;

  @Integer('Seconds of delay; only partners may set it', { optional: true, min: 0, max: 900 })
  delay?: number;

  @List('Tags; they replace those of the channel', {
    optional: true,
    maxItems: 10,
    maxLength: 25,
    pattern: /^[\p{L}\p{N}]+$/u,
    patternMeans: 'a tag of letters and digits, without spaces',
  })
  tags?: string[];

  @Parts('Labels to set or to take away; others stay', Label, {
    optional: true,
    minItems: 1,
    maxItems: 6,
  })
  content_classification_labels?: Label[];

  @Flag('The stream shows branded content', { optional: true })
  is_branded_content?: boolean;
}

class UpdateChannelDone {
  @Flag('The channel is changed')
  channel_updated!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#modify-channel-information */
export const updateChannel = twitchAction({
  type: 'update_channel',
  group: 'channel',
  summary: 'Change several settings of the channel at once',
  docs: 'https://dev.twitch.tv/docs/api/reference/#modify-channel-information',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `twitch:channel:${account.id}`,
  check: (input) => requireChange(input),
  scopes: ['channel:manage:broadcast'],
  actsAs: 'account',
  input: UpdateChannel,
  output: UpdateChannelDone,
  request: ({ content_classification_labels, ...changes }, { account }) => ({
    method: 'PATCH',
    path: '/channels',
    query: { broadcaster_id: account.id },
    body: {
      ...changes,
      content_classification_labels: content_classification_labels?.map(({ id, is_enabled }) => ({
        id,
        is_enabled,
      })),
    },
  }),
  yes: 'no body',
  response: () => ({ channel_updated: true }),
  example: {
    input: { title: 'Building in public', broadcaster_language: 'en', tags: ['coding'] },
    output: { channel_updated: true },
  },
});
