import type { House } from './two-doors.js';

export const CHANNEL = '700000000000000001';
export const GUILD = '800000000000000001';
export const ROLE = '600000000000000003';

const SCOPE = 'https://www.googleapis.com/auth/youtube.force-ssl';

/** A channel of YouTube that is on air and connected, with one of everything. */
export interface YouTubeScene {
  readonly channel_id: string;
  readonly broadcast_id: string;
  readonly live_chat_id: string;
  readonly video_id: string;
  readonly playlist_id: string;
}

let nextId = 400_000;

/** Sets scenes in the simulated worlds of a house. */
export class EarlierScenes {
  constructor(private readonly house: House) {}

  /** Somebody says something on Discord. @returns the id of the message */
  async say(author_id = '200000000000000001', content = 'hello'): Promise<string> {
    const body = { channel_id: CHANNEL, author_id, content };
    const path = '/sandbox/discord/messages';
    return (await this.house.sandbox.control<{ id: string }>('POST', path, body)).id;
  }

  /** @returns the id of a new member of the server */
  async addMember(roles: readonly string[] = []): Promise<string> {
    const id = String((nextId += 1));
    await this.house.sandbox.control('POST', '/sandbox/discord/members', { id, roles });
    return id;
  }

  async openChannel(): Promise<YouTubeScene> {
    const id = `UCearlier${(nextId += 1)}`;
    const made = await this.house.sandbox.control<YouTubeScene>(
      'POST',
      '/sandbox/youtube/channels',
      { id, title: `Earlier ${id}`, live: true },
    );
    const grant = await this.grant(id);
    const { status, body } = await this.house.doors.rest('PUT', `/api/v1/accounts/youtube/${id}`, {
      ...grant,
      scopes: [SCOPE],
    });
    if (status !== 200) throw new Error(`PUT account: ${status} ${JSON.stringify(body)}`);
    return made;
  }

  /** Tokens of a channel, as Google would give them. */
  async grant(channel_id: string): Promise<{ access_token: string; refresh_token: string }> {
    const { access_token, refresh_token } = await this.house.sandbox.control<
      Record<'access_token' | 'refresh_token', string>
    >('POST', '/sandbox/youtube/grants', { channel_id, scopes: [SCOPE] });
    return { access_token, refresh_token };
  }

  /** The platform's own part of the requests it got since, as `METHOD /path`. */
  async listCalls(platform: 'discord' | 'youtube' | 'twitch', since: number): Promise<string[]> {
    const prefix = { discord: '/discord/api/v10', youtube: '/youtube/v3', twitch: '/twitch/helix' };
    return (await this.house.sandbox.requestsSince(since))
      .filter(({ path }) => path.startsWith(prefix[platform]))
      .map(({ method, path }) => `${method} ${path.slice(prefix[platform].length)}`);
  }
}
