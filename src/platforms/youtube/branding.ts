import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import type { Upstream } from '../../actions/action.js';
import { ActionFailure } from '../../actions/failures.js';
import { requireSame } from './changes.js';
import { askYouTube, readItems } from './youtube-request.js';

/** What an update of a channel sets. */
export type Branding = Pick<youtube_v3.Schema$ChannelBrandingSettings, 'channel' | 'image'>;

/**
 * The settings of a channel as they are now. An update replaces them as a whole.
 * @see https://developers.google.com/youtube/v3/docs/channels/update
 */
export async function readBranding(id: string, upstream: Upstream): Promise<Branding> {
  const channels = await askYouTube(
    upstream,
    (youtube) => youtube.channels.list({ part: ['brandingSettings'], id: [id] }),
    {
      items: [
        {
          id,
          brandingSettings: {
            channel: { title: '<title>', description: '<description>', keywords: '<keywords>' },
            image: { bannerExternalUrl: '<banner>' },
          },
        },
      ],
    },
  );
  const [channel] = readItems<youtube_v3.Schema$Channel>(channels);
  if (!channel) throw new ActionFailure('NOT_FOUND', `YouTube knows no channel ${id}`);
  const { brandingSettings } = channel;
  // Without what it has now, the update would take the rest of it away.
  if (!brandingSettings?.channel)
    throw new ActionFailure('PLATFORM_DOWN', `YouTube does not tell the settings of ${id}`);
  const banner = brandingSettings.image?.bannerExternalUrl;
  return {
    channel: brandingSettings.channel,
    ...(banner && { image: { bannerExternalUrl: banner } }),
  };
}

/** Replaces the settings of a channel. */
export async function writeBranding(
  id: string,
  brandingSettings: Branding,
  upstream: Upstream,
): Promise<void> {
  const changed = await askYouTube(
    upstream,
    (youtube) =>
      youtube.channels.update({
        part: ['brandingSettings'],
        requestBody: { id, brandingSettings },
      }),
    { id },
  );
  requireSame(changed, id);
}
