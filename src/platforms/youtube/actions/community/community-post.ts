import { List, Text } from '../../../../actions/fields.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction } from '../../youtube-action.js';

class CommunityPost {
  @Text('What to post', { max: 10_000, private: true, example: 'A new video tomorrow!' })
  text!: string;

  @Text('A picture that goes with it', { optional: true, max: 2048 })
  image_url?: string;
}

class CommunityPostAlternatives {
  @List('Actions that say something to the same people')
  instead!: string[];
}

const INSTEAD = {
  instead: ['send_live_chat_message', 'post_comment', 'update_video_description'],
};

/** @see https://developers.google.com/youtube/v3/docs */
export const communityPost = youtubeAction({
  type: 'community_post',
  group: 'community',
  summary:
    'Post to the community of a channel: YouTube has no call for it, so it is always refused',
  docs: 'https://developers.google.com/youtube/v3/docs',
  effect: 'create',
  scopes: MANAGE,
  actsAs: 'account',
  input: CommunityPost,
  output: CommunityPostAlternatives,
  unsupported: {
    reason:
      "YouTube's API has no community posts: write them in YouTube Studio, or say it in the live chat, in a comment or in the description of a video",
    instead: INSTEAD,
  },
  example: { input: { text: 'A new video tomorrow!' }, output: INSTEAD },
});
