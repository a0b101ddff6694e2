/** An `.env` of an earlier service, as its example told people to write it. */
export interface EarlierEnvFile {
  readonly service: string;
  readonly lines: readonly string[];
  /** It had no database; the gateway then brings its own, and simulates the platforms. */
  readonly hasNoDatabase?: boolean;
  /** Where it said that its REST interface is; the usual port when it said nothing. */
  readonly restPort: number;
  /** The name that /health has to tell there. */
  readonly module: string;
  /** What the start says of variables that mean nothing here. */
  readonly notes: readonly RegExp[];
}

const LOGGING = [
  'LOG_LEVEL=INFO',
  'ENABLE_SYSLOG=false',
  'SYSLOG_HOST=localhost',
  'SYSLOG_PORT=514',
  'SYSLOG_FACILITY=LOCAL0',
];
/** Secrets of 64 characters, as the examples asked for. */
const SECRET = 'MODULE_SECRET_KEY=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef';

export const EARLIER_ENV_FILES: readonly EarlierEnvFile[] = [
  {
    service: 'Discord',
    lines: [
      '# Discord API Configuration',
      'DISCORD_BOT_TOKEN=a.bot.token',
      SECRET,
      'GRPC_PORT=50051',
      'REST_PORT=8070',
      'JWT_ALGORITHM=HS256',
      'JWT_EXPIRATION_SECONDS=3600',
      'MAX_CONCURRENT_REQUESTS=100',
      'REQUEST_TIMEOUT=30',
      ...LOGGING,
      'DISCORD_RATE_LIMIT_GLOBAL=50',
      'DISCORD_RATE_LIMIT_PER_CHANNEL=5',
      'MAX_RETRIES=3',
      'RETRY_DELAY=1.0',
    ],
    restPort: 8070,
    module: 'action_gateway',
    notes: [
      /MAX_CONCURRENT_REQUESTS has no effect: MAX_WORKERS bounds/,
      /DISCORD_RATE_LIMIT_GLOBAL has no effect/,
      /DISCORD_RATE_LIMIT_PER_CHANNEL has no effect/,
      /RETRY_DELAY has no effect: waits before a repeat follow/,
    ],
  },
  {
    service: 'Twitch',
    lines: [
      'TWITCH_CLIENT_ID=a-client-id',
      'TWITCH_CLIENT_SECRET=a-client-secret',
      'GRPC_PORT=50053',
      'REST_PORT=8072',
      'MODULE_PORT=8072',
      SECRET,
      'MAX_WORKERS=20',
      'REQUEST_TIMEOUT=30',
      'MAX_BATCH_SIZE=100',
      'TOKEN_REFRESH_BUFFER=300',
      ...LOGGING,
      'MODULE_NAME=twitch_action_module',
      'MODULE_VERSION=1.0.0',
    ],
    restPort: 8072,
    module: 'twitch_action_module',
    notes: [/MODULE_PORT has no effect: set REST_PORT/, /MODULE_NAME has no effect/],
  },
  {
    service: 'YouTube',
    lines: [
      'MODULE_NAME=youtube_action_module',
      'MODULE_VERSION=1.0.0',
      'GRPC_PORT=50054',
      'REST_PORT=8073',
      'YOUTUBE_CLIENT_ID=a-client-id',
      'YOUTUBE_CLIENT_SECRET=a-client-secret',
      'YOUTUBE_API_KEY=an-api-key',
      'YOUTUBE_API_VERSION=v3',
      'YOUTUBE_REDIRECT_URI=http://localhost:8073/oauth/callback',
      SECRET,
      'MAX_WORKERS=20',
      'REQUEST_TIMEOUT=30',
      'MAX_RETRIES=3',
      'RATE_LIMIT_REQUESTS=100',
      'RATE_LIMIT_WINDOW=60',
      ...LOGGING,
      'ENABLE_CHAT_ACTIONS=true',
      'ENABLE_VIDEO_ACTIONS=true',
      'ENABLE_PLAYLIST_ACTIONS=true',
      'ENABLE_BROADCAST_ACTIONS=true',
      'ENABLE_COMMENT_ACTIONS=true',
    ],
    restPort: 8073,
    module: 'youtube_action_module',
    notes: [
      /MODULE_NAME has no effect/,
      /YOUTUBE_API_KEY has no effect: every call to YouTube is authorised by an account/,
      /RATE_LIMIT_REQUESTS has no effect: CALLER_REQUESTS_PER_MINUTE/,
      /RATE_LIMIT_WINDOW has no effect/,
    ],
  },
  {
    service: 'toolkit',
    hasNoDatabase: true,
    lines: [
      'APP_NAME=NCAToolkit',
      'APP_DEBUG=false',
      'APP_DOMAIN=example.com',
      'APP_URL=https://${APP_DOMAIN}',
      'API_KEY=an-api-key-of-the-toolkit',
      'RATE_LIMIT_PER_MINUTE=100',
      'RATE_LIMIT_BURST=100',
      'RATE_LIMIT_KEY=ip',
      'ENABLE_SECURITY_HEADERS=true',
      'ALLOWED_ORIGINS=',
      'YOUTUBE_SERVICE_TIMEOUT=30',
      'YOUTUBE_RETRY_ATTEMPTS=3',
      'YOUTUBE_RETRY_DELAY=1',
      'MAX_QUEUE_LENGTH=0',
      'LOCAL_STORAGE_PATH=/tmp',
    ],
    restPort: 8070,
    module: 'action_gateway',
    notes: [
      /API_KEY has no effect: it is the key of media, which ENABLE_MEDIA=true offers/,
      /RATE_LIMIT_PER_MINUTE has no effect/,
      /RATE_LIMIT_BURST has no effect/,
      /RATE_LIMIT_KEY has no effect/,
      /LOCAL_STORAGE_PATH has no effect/,
    ],
  },
  {
    service: 'marketing agent',
    lines: [
      SECRET,
      'CP_BACKEND_URL=http://localhost:8001',
      'PLANT_INTERNAL_API_KEY=dev-plant-internal-key',
      'GOOGLE_CLIENT_ID=a-client-id',
      'GOOGLE_CLIENT_SECRET=a-client-secret',
      'CP_PLATFORM_CREDENTIALS_SECRET=a-secret',
    ],
    restPort: 8070,
    module: 'action_gateway',
    notes: [/CP_PLATFORM_CREDENTIALS_SECRET has no effect here: /],
  },
];
