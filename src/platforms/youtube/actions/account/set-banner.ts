import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { ActionFailure } from '../../../../actions/failures.js';
import { Flag, Text } from '../../../../actions/fields.js';
import { readBranding, writeBranding } from '../../branding.js';
import { ImageFile, imageMedia, findImageFaults, uploadMedia } from '../../media.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { findRefusedStep, refuseWhole } from '../../steps.js';
import { youtubeAction } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class SetBanner extends ImageFile {}

class SetBannerResult {
  @Flag('The banner is set')
  banner_set!: boolean;

  @Text('Its address at YouTube')
  banner_url!: string;
}

/** The picture is uploaded, and then named in the settings of the channel. @see https://developers.google.com/youtube/v3/docs/channelBanners/insert */
export const setBanner = youtubeAction({
  type: 'set_banner',
  group: 'account',
  summary: 'Give the channel a banner, from an address, in a parameter or with the request',
  docs: 'https://developers.google.com/youtube/v3/docs/channelBanners/insert',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `youtube:channel:${account.id}`,
  takesLong: true,
  takesFile: 'image_url',
  takesContent: 'image_base64',
  check: findImageFaults,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['channelBanners.insert'],
  input: SetBanner,
  output: SetBannerResult,
  run: async (input, { account }, upstream) => {
    // Read first: what fails here has changed nothing.
    const kept = await readBranding(account.id, upstream);
    const { url } = await uploadMedia<youtube_v3.Schema$ChannelBannerResource>(
      upstream,
      buildYouTubeRequest((youtube) => youtube.channelBanners.insert({}), { url: '<banner_url>' }),
      { url: input.image_url, base64: input.image_base64 },
      imageMedia(6_291_456),
    );
    if (typeof url !== 'string') throw new TypeError('The answer holds no address of the banner');
    try {
      await writeBranding(account.id, { ...kept, image: { bannerExternalUrl: url } }, upstream);
    } catch (error) {
      throw tellUnset(error, url);
    }
    return { banner_set: true, banner_url: url };
  },
  example: {
    input: { image_url: 'https://example.com/banner.png' },
    output: { banner_set: true, banner_url: 'https://i.example/banner/1' },
  },
});

/**
 * The failure of the second step. YouTube has no call that deletes an uploaded picture, and no channel shows one
 * that its settings do not name.
 */
function tellUnset(error: unknown, url: string): unknown {
  const refused = findRefusedStep(error);
  if (refused) return refuseWhole(refused, 'the picture was uploaded, and the banner is as it was');
  if (!(error instanceof ActionFailure)) return error;
  const { platformStatus } = error.details;
  const message = `${error.message}; the picture was uploaded, and may be the banner now`;
  return new ActionFailure('OUTCOME_UNKNOWN', message, {
    platformStatus,
    partialResult: { banner_url: url },
  });
}
