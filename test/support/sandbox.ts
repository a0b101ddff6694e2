import type { BotSettings, PlatformSettings } from '../../src/actions/platform.js';
import { DiscordPlatform } from '../../src/platforms/discord/discord.platform.js';
import { TwitchPlatform } from '../../src/platforms/twitch/twitch.platform.js';
import { startSimulatedPlatforms } from './simulated-platforms.js';

/** A request as the sandbox saw it. */
export interface SeenRequest {
  readonly seq: number;
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly headers: Record<string, string>;
  readonly body: unknown;
  readonly status: number | null;
  readonly answer: unknown;
  readonly acted: boolean;
  readonly who: unknown;
}

/** The sandbox in the test's own process, and what a test asks of it. */
export interface TestSandbox {
  readonly url: string;
  /** Environment of a gateway that shall use this sandbox. */
  readonly env: Readonly<Record<string, string>>;
  control<Answer = unknown>(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Requests to the simulated platform since a sequence number. */
  requestsSince(seq: number): Promise<SeenRequest[]>;
  lastSeq(): Promise<number>;
  close(): Promise<void>;
}

/** Starts a sandbox that several gateways can share. */
export async function startTestSandbox(): Promise<TestSandbox> {
  const sandbox = await startSimulatedPlatforms();
  const control = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const answer = await fetch(sandbox.url + path, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Answer;
  };
  const read = (seq: number): Promise<{ requests: SeenRequest[]; last: number }> =>
    control('GET', `/sandbox/requests?since=${seq}`);
  return {
    url: sandbox.url,
    env: {
      SANDBOX: 'true',
      TWITCH_API_URL: sandbox.twitch.apiUrl,
      TWITCH_AUTH_URL: sandbox.twitch.authUrl,
      TWITCH_CLIENT_ID: sandbox.twitch.clientId,
      TWITCH_CLIENT_SECRET: sandbox.twitch.clientSecret,
      DISCORD_API_URL: sandbox.discord.apiUrl,
      DISCORD_AUTH_URL: sandbox.discord.authUrl,
      DISCORD_CLIENT_ID: sandbox.discord.clientId,
      DISCORD_CLIENT_SECRET: sandbox.discord.clientSecret,
      DISCORD_BOT_TOKEN: sandbox.discord.botToken,
      YOUTUBE_API_URL: sandbox.youtube.apiUrl,
      GOOGLE_AUTH_URL: sandbox.youtube.authUrl,
      GOOGLE_TOKEN_URL: sandbox.youtube.tokenUrl,
      YOUTUBE_CLIENT_ID: sandbox.youtube.clientId,
      YOUTUBE_CLIENT_SECRET: sandbox.youtube.clientSecret,
    },
    control,
    requestsSince: async (seq) =>
      (await read(seq)).requests.filter(({ path }) => !path.startsWith('/sandbox/')),
    lastSeq: async () => (await read(0)).last,
    close: () => sandbox.close(),
  };
}

/** Discord as a gateway beside this sandbox would have it. */
export function aimDiscord({ env }: TestSandbox, more: Partial<BotSettings> = {}): DiscordPlatform {
  return new DiscordPlatform({
    apiUrl: env['DISCORD_API_URL'] ?? '',
    authUrl: env['DISCORD_AUTH_URL'] ?? '',
    clientId: env['DISCORD_CLIENT_ID'] ?? '',
    clientSecret: env['DISCORD_CLIENT_SECRET'] ?? '',
    botToken: env['DISCORD_BOT_TOKEN'] ?? '',
    version: '1.2.3',
    mostNoes: 5_000,
    homepage: 'https://gateway.example',
    ...more,
  });
}

/** Twitch as a gateway beside this sandbox would have it. */
export function aimTwitch(
  { env }: TestSandbox,
  more: Partial<PlatformSettings> = {},
): TwitchPlatform {
  return new TwitchPlatform({
    apiUrl: env['TWITCH_API_URL'] ?? '',
    authUrl: env['TWITCH_AUTH_URL'] ?? '',
    clientId: env['TWITCH_CLIENT_ID'] ?? '',
    clientSecret: env['TWITCH_CLIENT_SECRET'] ?? '',
    ...more,
  });
}
