import type { Type } from '@nestjs/common';
import type { JsonObject } from '../actions/json.js';
import type { BotSettings } from '../actions/platform.js';
import { CONFIG, type Config, findPlatformSettings } from '../config/config.js';
import { VERSION } from '../config/version.js';
import type { DialectDeclaration } from '../doors/door/dialect.js';
import { CallersRoutesController } from './callers-routes.controller.js';
import { DISCORD } from './discord.js';
import { EarlierCallers } from './earlier-callers.js';
import { PredecessorEngine } from './engine.js';
import { makeGrpcController } from './grpc-services.js';
import type { Predecessor } from './predecessor.js';
import { describePlace, PredecessorDialect } from './predecessor-dialect.js';
import { makeRestController } from './rest-routes.js';
import { TokensController } from './tokens.controller.js';
import { DiscordTokensController, YouTubeTokensController } from './earlier-tokens.controller.js';
import { TWITCH } from './twitch.js';
import { TwitchPredecessorController } from './twitch.controller.js';
import { TWITCH_ENVELOPES } from './twitch-contract.js';
import { TwitchForm } from './twitch-form.js';
import { YOUTUBE } from './youtube.js';
import { YouTubeOAuthController } from './youtube-oauth.controller.js';

/** A message of Discord may hold its token, beside a text and an embed. */
const DISCORD_MESSAGE_BYTES = 65_536;

const TAGS = {
  'Earlier services':
    'The routes of the services before this one, for callers that still speak to them',
};

const discord: DialectDeclaration = {
  ...describe(DISCORD),
  controllers: [...makeControllers(DISCORD), DiscordTokensController],
  // What all predecessors share stands here once.
  providers: [EarlierCallers, PredecessorEngine],
  make: {
    inject: [EarlierCallers, CONFIG],
    useFactory: (callers: EarlierCallers, config: Config) =>
      new PredecessorDialect('discord', DISCORD, callers, config, {
        maxTokenMessageBytes: DISCORD_MESSAGE_BYTES,
        describeHealth: () => describeDiscordHealth(config),
      }),
  },
};

const twitch: DialectDeclaration = {
  ...describe(TWITCH),
  controllers: [TokensController, TwitchPredecessorController],
  providers: [TwitchForm],
  contract: { tags: TAGS, envelopes: TWITCH_ENVELOPES },
  make: {
    inject: [EarlierCallers, CONFIG, TwitchForm],
    useFactory: (callers: EarlierCallers, config: Config, envelopes: TwitchForm) =>
      new PredecessorDialect('twitch', TWITCH, callers, config, { envelopes }),
  },
};

const youtube: DialectDeclaration = {
  ...describe(YOUTUBE),
  controllers: [...makeControllers(YOUTUBE), YouTubeTokensController, YouTubeOAuthController],
  make: {
    inject: [EarlierCallers, CONFIG],
    useFactory: (callers: EarlierCallers, config: Config) =>
      new PredecessorDialect('youtube', YOUTUBE, callers, config),
  },
};

/** Routers, workflows and hubs, which spoke to all of the earlier services, are refused as by Twitch's. */
const callersOfAll: DialectDeclaration = {
  name: 'callers-of-all',
  controllers: [CallersRoutesController],
  contract: { tags: TAGS },
  make: {
    inject: [EarlierCallers, CONFIG],
    useFactory: (callers: EarlierCallers, config: Config) =>
      new PredecessorDialect('any', TWITCH, callers, config),
  },
};

/** The dialects of the earlier services. */
export const PREDECESSOR_DIALECTS: readonly DialectDeclaration[] = [
  discord,
  twitch,
  youtube,
  callersOfAll,
];

function describe({
  name,
  grpc,
}: Predecessor): Pick<DialectDeclaration, 'name' | 'grpc' | 'contract'> {
  return { name, grpc, contract: { tags: TAGS } };
}

function makeControllers(predecessor: Predecessor): readonly Type[] {
  return [makeRestController(predecessor), makeGrpcController(predecessor)];
}

/** What the earlier Discord service told of itself. */
function describeDiscordHealth(config: Config): JsonObject {
  const settings = findPlatformSettings(config, 'discord') as BotSettings | undefined;
  const { version = VERSION, ...ports } = describePlace(DISCORD, config);
  return {
    config: {
      module_name: DISCORD.module,
      module_version: version,
      ...ports,
      database_configured: true,
      discord_token_configured: Boolean(settings?.botToken),
      max_concurrent_requests: config.MAX_WORKERS,
      request_timeout: config.REQUEST_TIMEOUT,
      log_level: config.LOG_LEVEL,
    },
  };
}
