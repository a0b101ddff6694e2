import { askEarlier } from './earlier-rest.js';
import { CHANNEL, EarlierScenes, GUILD, ROLE, type YouTubeScene } from './earlier-scenes.js';
import { makeToken, SIGNING_KEY } from './gateway.js';
import type { House } from './two-doors.js';

const READ_ONLY_CHANNEL = '700000000000000002';
const VIEWER = 'UCsandboxViewer000000001';

/** Ports of the earlier services' REST interfaces. */
const REST = { discord: 8070, twitch: 8072, youtube: 8073 } as const;

type Parts = Record<string, string>;

/** The tokens of the doors, by service. */
const TOKENS = new Map<string, Promise<string>>();

/**
 * The scene of one case, made as far as the case names its parts: `{member}` adds a member to the server,
 * `{poll}` starts a poll in the channel.
 */
export class EarlierStage {
  readonly #parts: Parts = {};
  readonly #scenes: EarlierScenes;
  #broadcasterToken = '';

  /** @param host at which the earlier services' ports are open */
  constructor(
    private readonly house: House,
    private readonly host: string,
  ) {
    this.#scenes = new EarlierScenes(house);
  }

  /** A value with the parts of the scene filled in; `{name:number}` alone becomes a number. */
  async complete<Value>(value: Value): Promise<Value> {
    if (typeof value === 'string') return (await this.#fillText(value)) as Value;
    if (Array.isArray(value)) {
      const items: unknown[] = [];
      for (const item of value as unknown[]) items.push(await this.complete(item));
      return items as Value;
    }
    if (typeof value !== 'object' || value === null) return value;
    const members: [string, unknown][] = [];
    for (const [name, member] of Object.entries(value))
      members.push([name, await this.complete(member)]);
    return Object.fromEntries(members) as Value;
  }

  async #fillText(text: string): Promise<string | number> {
    const [, whole] = /^\{(\w+):number\}$/.exec(text) ?? [];
    if (whole !== undefined) return Number(await this.find(whole));
    let filled = text;
    for (const [all, name = ''] of text.matchAll(/\{([a-z]\w*)\}/g))
      filled = filled.replaceAll(all, await this.find(name));
    return filled;
  }

  async find(name: string): Promise<string> {
    const known = this.#parts[name];
    if (known !== undefined) return known;
    const make = MAKERS[name];
    if (!make) throw new Error(`The scene has no part "${name}"`);
    Object.assign(this.#parts, await make(this));
    return this.find(name);
  }

  /** The token of a case by its name in the facts. */
  async findToken(service: string, name: string | undefined): Promise<string> {
    switch (name) {
      case 'expired':
        return makeToken({ exp: 1 });
      case 'foreign':
        return makeToken({}, { key: 'f'.repeat(64) });
      case 'garbage':
        return 'garbage';
      case 'endless':
        return makeToken({ sub: undefined, exp: undefined, permissions: undefined });
      case 'of the channel':
        return this.mint('youtube', {
          secret: SIGNING_KEY,
          channel_id: await this.find('yt_channel'),
        });
      default:
        return this.#mintOnce(service);
    }
  }

  /** Each token that is made is counted, so that cases share one. */
  #mintOnce(service: string): Promise<string> {
    const held = TOKENS.get(service) ?? this.mint(service);
    TOKENS.set(service, held);
    return held;
  }

  /** A token of the door of an earlier service. */
  async mint(service: string, asked?: object): Promise<string> {
    const [at, path, body] =
      service === 'twitch'
        ? (['twitch', '/api/v1/auth/token', { api_key: SIGNING_KEY, service: 'facts' }] as const)
        : service === 'youtube'
          ? (['youtube', '/api/v1/token/generate', { secret: SIGNING_KEY }] as const)
          : ([
              'discord',
              '/api/v1/token',
              { client_id: 'facts', client_secret: SIGNING_KEY },
            ] as const);
    const reply = await askEarlier(this.url(at, path), 'POST', asked ?? body);
    return String(reply.body['token']);
  }

  url(service: keyof typeof REST, path: string): string {
    return `http://${this.host}:${REST[service]}${path}`;
  }

  /** Something that went before, done through the gateway. */
  async before(
    service: keyof typeof REST,
    method: string,
    path: string,
    body: object,
  ): Promise<Record<string, string> & { actionId: string }> {
    const headers = { authorization: `Bearer ${await this.#mintOnce(service)}` };
    const reply = await askEarlier(this.url(service, path), method, body, { headers });
    if (reply.status !== 200 || (reply.body['success'] as unknown) !== true)
      throw new Error(`${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    const members = reply.body as unknown as Record<string, string>;
    return { ...members, actionId: String(reply.headers['action-id']) };
  }

  async addBroadcaster(): Promise<Parts> {
    const { id, token } = await this.house.addChannel({ live: true });
    this.#broadcasterToken = token;
    return { broadcaster: id };
  }

  async askTwitch<Answer>(
    method: string,
    path: string,
    asked: { query?: Record<string, string>; body?: object },
  ): Promise<Answer> {
    await this.find('broadcaster');
    return this.house.askTwitch<Answer>(this.#broadcasterToken, method, path, asked);
  }

  addUser(): Promise<string> {
    return this.house.addUser({ live: true });
  }

  grant(id: string): ReturnType<House['grant']> {
    return this.house.grant(id);
  }

  /** Somebody says something in the channel on Twitch. @returns the id of the message */
  async sayAsViewer(): Promise<string> {
    const viewer = await this.addUser();
    const { access_token } = await this.grant(viewer);
    const body = {
      broadcaster_id: await this.find('broadcaster'),
      sender_id: viewer,
      message: 'said before',
    };
    const { data } = await this.house.askTwitch<{ data: [{ message_id: string }] }>(
      access_token,
      'POST',
      '/chat/messages',
      { body },
    );
    return data[0].message_id;
  }

  async holdNext(): Promise<Parts> {
    const id = await this.find('broadcaster');
    await this.house.setWorld({ user_id: id, hold_next_message: true });
    return { hold: 'held' };
  }

  say(): Promise<string> {
    return this.#scenes.say();
  }

  addMember(): Promise<string> {
    return this.#scenes.addMember();
  }

  openChannel(): Promise<YouTubeScene> {
    return this.#scenes.openChannel();
  }

  async readYouTube(): Promise<{
    playlists: Record<string, { items: { id: string }[] }>;
    comments: Record<string, { video_id: string }>;
  }> {
    const state = await this.house.sandbox.control<{ youtube: never }>('GET', '/sandbox/state');
    return state.youtube;
  }
}

const readId = (answer: unknown): string => (answer as { data: [{ id: string }] }).data[0].id;

async function moderate(stage: EarlierStage, path: string, method = 'POST'): Promise<string> {
  const user = await stage.addUser();
  const broadcaster_id = await stage.find('broadcaster');
  await stage.askTwitch(method, path, { query: { broadcaster_id, user_id: user } });
  return user;
}

async function openYouTube(stage: EarlierStage): Promise<Parts> {
  const scene = await stage.openChannel();
  return {
    yt_channel: scene.channel_id,
    live_chat: scene.live_chat_id,
    video: scene.video_id,
    playlist: scene.playlist_id,
    broadcast: scene.broadcast_id,
  };
}

/** How each part of a scene is made. */
const MAKERS: Readonly<Record<string, (stage: EarlierStage) => Promise<Parts> | Parts>> = {
  secret: () => ({ secret: SIGNING_KEY }),
  channel: () => ({ channel: CHANNEL }),
  readonly: () => ({ readonly: READ_ONLY_CHANNEL }),
  guild: () => ({ guild: GUILD }),
  role: () => ({ role: ROLE }),
  member: async (stage) => ({ member: await stage.addMember() }),
  message: async (stage) => ({ message: await stage.say() }),
  async own(stage) {
    const body = { channel_id: CHANNEL, content: 'mine' };
    const { message_id = '' } = await stage.before('discord', 'POST', '/api/v1/message', body);
    return { own: message_id };
  },
  webhook: makeWebhook,
  webhook_path: makeWebhook,
  broadcaster: (stage) => stage.addBroadcaster(),
  viewer: async (stage) => ({ viewer: await stage.addUser() }),
  other: async (stage) => ({ other: await stage.addUser() }),
  said: async (stage) => ({ said: await stage.sayAsViewer() }),
  hold: (stage) => stage.holdNext(),
  vip: async (stage) => ({ vip: await moderate(stage, '/channels/vips') }),
  mod: async (stage) => ({ mod: await moderate(stage, '/moderation/moderators') }),
  async banned(stage) {
    const [user, id] = [await stage.addUser(), await stage.find('broadcaster')];
    await stage.askTwitch('POST', '/moderation/bans', {
      query: { broadcaster_id: id, moderator_id: id },
      body: { data: { user_id: user } },
    });
    return { banned: user };
  },
  async poll(stage) {
    const choices = [{ title: 'Heads' }, { title: 'Tails' }];
    const body = { broadcaster_id: await stage.find('broadcaster'), title: 'Seed?', choices };
    const made = await stage.askTwitch('POST', '/polls', { body: { ...body, duration: 60 } });
    return { poll: readId(made) };
  },
  prediction: makePrediction,
  outcome: makePrediction,
  grantee: makeGrant,
  access_token: makeGrant,
  refresh_token: makeGrant,
  async action(stage) {
    const body = {
      action_type: 'update_title',
      broadcaster_id: await stage.find('broadcaster'),
      parameters: { title: 'Before' },
    };
    return {
      action: (await stage.before('twitch', 'POST', '/api/v1/actions/execute', body)).actionId,
    };
  },
  yt_channel: openYouTube,
  live_chat: openYouTube,
  video: openYouTube,
  playlist: openYouTube,
  broadcast: openYouTube,
  yt_viewer: () => ({ yt_viewer: VIEWER }),
  async yt_message(stage) {
    const body = await stage.complete({
      channel_id: '{yt_channel}',
      live_chat_id: '{live_chat}',
      message: 'before',
    });
    const { message_id = '' } = await stage.before('youtube', 'POST', '/api/v1/chat/send', body);
    return { yt_message: message_id };
  },
  yt_moderator: (stage) => putPerson(stage, 'yt_moderator', '/api/v1/moderator/add'),
  yt_banned: (stage) => putPerson(stage, 'yt_banned', '/api/v1/chat/ban'),
  async playlist_item(stage) {
    const body = await stage.complete({
      channel_id: '{yt_channel}',
      playlist_id: '{playlist}',
      video_id: '{video}',
    });
    await stage.before('youtube', 'POST', '/api/v1/playlist/add', body);
    const { playlists } = await stage.readYouTube();
    return { playlist_item: playlists[body.playlist_id]?.items[0]?.id ?? '' };
  },
  async comment(stage) {
    const body = await stage.complete({
      channel_id: '{yt_channel}',
      video_id: '{video}',
      text: 'before',
    });
    await stage.before('youtube', 'POST', '/api/v1/comment/post', body);
    const { comments } = await stage.readYouTube();
    const [id = ''] =
      Object.entries(comments).find(([, { video_id }]) => video_id === body.video_id) ?? [];
    return { comment: id };
  },
};

async function putPerson(stage: EarlierStage, name: string, path: string): Promise<Parts> {
  const body = await stage.complete({
    channel_id: '{yt_channel}',
    live_chat_id: '{live_chat}',
    target_channel_id: 'UCsandboxViewer000000002',
  });
  await stage.before('youtube', 'POST', path, body);
  return { [name]: body.target_channel_id };
}

async function makeWebhook(stage: EarlierStage): Promise<Parts> {
  const body = { channel_id: CHANNEL };
  const { webhook_url = '' } = await stage.before('discord', 'POST', '/api/v1/webhook', body);
  return { webhook: webhook_url, webhook_path: webhook_url.replace('https://discord.com/api', '') };
}

async function makePrediction(stage: EarlierStage): Promise<Parts> {
  const body = {
    broadcaster_id: await stage.find('broadcaster'),
    title: 'Seed?',
    outcomes: [{ title: 'Yes' }, { title: 'No' }],
    prediction_window: 60,
  };
  const made = await stage.askTwitch<{ data: [{ id: string; outcomes: { id: string }[] }] }>(
    'POST',
    '/predictions',
    { body },
  );
  const [{ id, outcomes }] = made.data;
  return { prediction: id, outcome: outcomes[0]?.id ?? '' };
}

async function makeGrant(stage: EarlierStage): Promise<Parts> {
  const grantee = await stage.addUser();
  const { access_token, refresh_token } = await stage.grant(grantee);
  return { grantee, access_token, refresh_token };
}
