import { vi } from 'vitest';
import { House } from './two-doors.js';

const SCOPE = 'https://www.googleapis.com/auth/youtube.force-ssl';
const API = '/youtube/v3';

/** A channel of a test, connected, with what it has at the simulated YouTube. */
export interface Scene {
  readonly channel_id: string;
  readonly broadcast_id: string;
  readonly live_chat_id: string;
  readonly video_id: string;
  readonly playlist_id: string;
}

/** A thing at the simulated YouTube. */
export type Thing = Readonly<Record<string, unknown>>;

interface World {
  readonly uploads: readonly { readonly channel_id: string; readonly received: number }[];
  readonly broadcasts: Readonly<Record<string, Thing>>;
  readonly streams: Readonly<Record<string, Thing>>;
  readonly videos: Readonly<Record<string, Thing>>;
  readonly channels: Readonly<Record<string, Thing>>;
  readonly playlists: Readonly<Record<string, { readonly items: readonly object[] }>>;
}

/** A gateway beside the simulated YouTube, and what tests do with channels there. */
export class YouTubeHouse {
  #channels = 0;

  private constructor(readonly house: House) {}

  static async open(env: Readonly<Record<string, string>> = {}): Promise<YouTubeHouse> {
    const youtube = new YouTubeHouse(await House.open(env));
    await youtube.setWorld({ quota_limit: 10_000_000 });
    return youtube;
  }

  close(): Promise<void> {
    return this.house.close();
  }

  /** A new channel, connected. */
  async setScene({ live = false } = {}): Promise<Scene> {
    this.#channels += 1;
    const id = `UCscene${this.#channels}`;
    const scene = await this.house.sandbox.control<Scene>('POST', '/sandbox/youtube/channels', {
      id,
      title: id,
      live,
    });
    const { access_token, refresh_token } = await this.house.sandbox.control<
      Record<string, string>
    >('POST', '/sandbox/youtube/grants', { channel_id: id, scopes: [SCOPE] });
    const { status, body } = await this.house.doors.rest('PUT', `/api/v1/accounts/youtube/${id}`, {
      access_token,
      refresh_token,
      scopes: [SCOPE],
    });
    if (status !== 200) throw new Error(`PUT account: ${status} ${JSON.stringify(body)}`);
    return scene;
  }

  async readWorld(): Promise<World> {
    return (await this.house.sandbox.control<{ youtube: World }>('GET', '/sandbox/state')).youtube;
  }

  setWorld(changes: object): Promise<unknown> {
    return this.house.sandbox.control('POST', '/sandbox/youtube/world', changes);
  }

  /** Lets the next requests go wrong. @param path a regular expression, below the API */
  suffer(method: string, path: string, fault: object, times = 1): Promise<unknown> {
    return this.house.sandbox.control('POST', '/sandbox/faults', {
      match: { method, path: `^(/upload)?${API}${path}$` },
      times,
      fault,
    });
  }

  /** Waits until YouTube holds that much of the upload of a channel. */
  waitForBytes({ channel_id }: Scene, bytes: number): Promise<void> {
    return vi.waitFor(
      async () => {
        const { uploads } = await this.readWorld();
        const held = uploads.findLast((upload) => upload.channel_id === channel_id)?.received ?? 0;
        if (held < bytes) throw new Error(`${held} bytes are there`);
      },
      { timeout: 600_000, interval: 50 },
    );
  }

  /** Requests since a sequence number, as lines of method and path below the API. */
  async linesSince(seq: number): Promise<string[]> {
    const seen = await this.house.sandbox.requestsSince(seq);
    return seen.map(({ method, path }) => `${method} ${shorten(path)}`);
  }

  /** The address of a file that the sandbox makes up. */
  fileUrl(bytes: number, type: string): string {
    return `${this.house.sandbox.url}/sandbox/files/generated.mp4?bytes=${bytes}&type=${type}`;
  }
}

/** An envelope of a channel. */
export const envelopeOf = (action_type: string, { channel_id }: Scene, parameters: object) => ({
  platform: 'youtube',
  action_type,
  account_id: channel_id,
  parameters,
});

/** A path without what all of them begin with. */
export const shorten = (path: string): string => path.replace(API, '');
