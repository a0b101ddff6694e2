import { Flag, Id, Integer, List, Text } from '../../../../actions/fields.js';
import { notFound } from '../../../../actions/lists.js';
import { requireSubject } from '../../subject.js';
import { TwitchUser } from '../../names.js';
import { readList, twitchAction } from '../../twitch-action.js';

class GetChannel {
  @TwitchUser('Whose channel; left out for the account itself', { optional: true, example: '1001' })
  user_id?: string;
}

class ChannelInformation {
  @Id('Id of the channel')
  id!: string;

  @Text('Login of the broadcaster')
  login!: string;

  @Text('Name of the broadcaster as it is shown')
  name!: string;

  @Text('Title of the stream', { min: 0 })
  title!: string;

  @Text('Id of the game or category; empty for none', { min: 0 })
  game_id!: string;

  @Text('Its name', { min: 0 })
  game_name!: string;

  @Text('Language of the stream, such as en', { min: 0 })
  language!: string;

  @List('Tags of the channel')
  tags!: string[];

  @List('Content classification labels')
  content_classification_labels!: string[];

  @Flag('It shows branded content')
  is_branded_content!: boolean;

  @Integer('Seconds of delay; 0 unless the broadcaster asks for the own channel', { min: 0 })
  delay!: number;
}

interface HelixChannel {
  readonly broadcaster_id: string;
  readonly broadcaster_login: string;
  readonly broadcaster_name: string;
  readonly title: string;
  readonly game_id: string;
  readonly game_name: string;
  readonly broadcaster_language: string;
  readonly tags: string[];
  readonly content_classification_labels: string[];
  readonly is_branded_content: boolean;
  readonly delay: number;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-channel-information */
export const getChannel = twitchAction({
  type: 'get_channel',
  group: 'channel',
  summary: 'Read the title, the game, the language and the tags of a channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-channel-information',
  effect: 'read',
  cacheSeconds: 10,
  scopes: [],
  actsAs: 'app',
  input: GetChannel,
  output: ChannelInformation,
  check: requireSubject,
  request: ({ user_id }, { account }) => ({
    method: 'GET',
    path: '/channels',
    query: { broadcaster_id: user_id ?? account.id },
  }),
  response: (answer, { user_id }, { account }) => {
    const [channel] = readList<HelixChannel>(answer);
    if (!channel) throw notFound('channel', user_id ?? account.id);
    return {
      id: channel.broadcaster_id,
      login: channel.broadcaster_login,
      name: channel.broadcaster_name,
      title: channel.title,
      game_id: channel.game_id,
      game_name: channel.game_name,
      language: channel.broadcaster_language,
      tags: channel.tags,
      content_classification_labels: channel.content_classification_labels,
      is_branded_content: channel.is_branded_content,
      delay: channel.delay,
    };
  },
  example: {
    input: { user_id: '1001' },
    output: {
      id: '1001',
      login: 'demo_channel',
      name: 'Demo_Channel',
      title: 'Building an action gateway',
      game_id: '1469308723',
      game_name: 'Software and Game Development',
      language: 'en',
      tags: [],
      content_classification_labels: [],
      is_branded_content: false,
      delay: 0,
    },
  },
});
