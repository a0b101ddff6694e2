// This file is long: it has a line for every environment variable of the gateway.
import { Choice, Decimal, Flag, Integer, List, Text, URL_TEXT } from '../actions/fields.js';

const PROTOCOLS = ['udp', 'tcp', 'tls'] as const;

const MEDIA_BACKENDS = ['auto', 'service', 'local'] as const;

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** Levels of Python's logging module (and syslog's short names) that are named otherwise here. */
const LEVELS_OF_PYTHON = new Map([
  ['notset', 'trace'],
  ['warning', 'warn'],
  ['err', 'error'],
  ['critical', 'fatal'],
]);

/** Of syslog, in the order of their numbers. */
export const FACILITIES = [
  ...(['KERN', 'USER', 'MAIL', 'DAEMON', 'AUTH', 'SYSLOG', 'LPR', 'NEWS'] as const),
  ...(['UUCP', 'CRON', 'AUTHPRIV', 'FTP', 'NTP', 'AUDIT', 'ALERT', 'CLOCK'] as const),
  ...(['LOCAL0', 'LOCAL1', 'LOCAL2', 'LOCAL3', 'LOCAL4', 'LOCAL5', 'LOCAL6', 'LOCAL7'] as const),
] as const;

const CALLBACK_FORMATS = ['plain', 'cloudevents'] as const;
export type CallbackFormat = (typeof CALLBACK_FORMATS)[number];

/**
 * Every environment variable the gateway reads: one declaration validates it, gives its default and
 * writes its line in .env.example.
 */
export class Settings {
  @Integer('Port of the REST door; 0 takes a free one', { min: 0, max: 65_535, default: 8070 })
  REST_PORT!: number;

  @Integer('Port of the gRPC door; 0 takes a free one', { min: 0, max: 65_535, default: 50051 })
  GRPC_PORT!: number;

  @Text('Address both doors listen on; left out, every address of this machine, IPv6 and IPv4', {
    optional: true,
    example: '127.0.0.1',
  })
  HOST?: string;

  @Text('Certificate chain of the gRPC door (PEM file); left out, it speaks plain text', {
    optional: true,
    example: '/etc/action-gateway/tls/tls.crt',
  })
  GRPC_TLS_CERT?: string;

  @Text('Private key of that certificate (PEM file)', {
    optional: true,
    example: '/etc/action-gateway/tls/tls.key',
  })
  GRPC_TLS_KEY?: string;

  @Text('Authorities (PEM file) of which the gRPC door demands a client certificate', {
    optional: true,
    example: '/etc/action-gateway/tls/ca.crt',
  })
  GRPC_TLS_CLIENT_CA?: string;

  @Text('Certificate chain of the REST door (PEM file); left out, it speaks plain text', {
    optional: true,
    example: '/etc/action-gateway/tls/tls.crt',
  })
  REST_TLS_CERT?: string;

  @Text('Private key of that certificate (PEM file)', {
    optional: true,
    example: '/etc/action-gateway/tls/tls.key',
  })
  REST_TLS_KEY?: string;

  @Text('Authorities (PEM file) of which the REST door demands a client certificate', {
    optional: true,
    example: '/etc/action-gateway/tls/ca.crt',
  })
  REST_TLS_CLIENT_CA?: string;

  @Text(
    'Proxies whose X-Forwarded-For is believed: addresses and ranges by commas; left out, none is',
    { optional: true, max: 10_000, example: '10.0.0.0/8,192.168.1.7' },
  )
  TRUSTED_PROXIES?: string;

  @Integer('Connections that each door holds at once, per replica; 0 sets no limit', {
    min: 0,
    max: 1_000_000,
    default: 2_000,
  })
  MAX_CONNECTIONS!: number;

  @Integer('Seconds in which a connection to the REST door has to send the headers of a request', {
    min: 1,
    max: 600,
    default: 15,
  })
  REST_HEADERS_TIMEOUT!: number;

  @Integer('Seconds in which a body has to be there; a form with a file has UPLOAD_BUDGET', {
    min: 1,
    max: 3_600,
    default: 60,
  })
  REST_BODY_TIMEOUT!: number;

  @Integer(
    'Wrong tokens from one address in a minute, per replica, that are answered and logged; more are only told to wait. Right tokens are always let in. 0 sets no limit',
    { min: 0, max: 1_000_000, default: 300 },
  )
  FAILED_LOGINS_PER_MINUTE!: number;

  @Text(
    'Where browsers reach the REST door; with /oauth/<platform>/callback behind it, it is what has to be registered with the platforms. Left out, http(s)://localhost and REST_PORT',
    {
      optional: true,
      pattern: /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/,
      patternMeans: 'a URL such as https://gateway.example',
      example: 'https://gateway.example',
    },
  )
  PUBLIC_URL?: string;

  @Text('PostgreSQL in session mode; left out, an embedded one is started (not in production)', {
    optional: true,
    pattern: /^postgres(ql)?:\/\//,
    patternMeans: 'a URL such as postgresql://user:password@host:5432/database',
    example: 'postgresql://user:password@localhost:5432/gateway',
  })
  DATABASE_URL?: string;

  @Integer(
    'Connections to PostgreSQL per replica, beside up to four for the log and one that listens',
    { min: 2, max: 500, default: 10 },
  )
  DATABASE_POOL_MAX!: number;

  @Flag('Use the embedded PostgreSQL in production as well', { default: false })
  EMBEDDED_DATABASE!: boolean;

  @Text(
    'Where the embedded PostgreSQL and made-up secrets live, in a folder for each mode: sandbox and real',
    { default: './data' },
  )
  DATA_DIR!: string;

  @Text('Proxy for requests to http: addresses on the internet; docs/production.md', {
    optional: true,
    example: 'http://proxy.example:3128',
  })
  HTTP_PROXY?: string;

  @Text('Proxy for requests to https: addresses on the internet, which are tunnelled by CONNECT', {
    optional: true,
    example: 'http://proxy.example:3128',
  })
  HTTPS_PROXY?: string;

  @Text('Hosts, addresses and ranges that are reached without the proxy, by commas; * for all', {
    optional: true,
    max: 10_000,
    example: 'localhost,.internal.example,10.0.0.0/8',
  })
  NO_PROXY?: string;

  @Flag('Simulate the platforms; by default when neither a database nor credentials are set', {
    optional: true,
  })
  SANDBOX?: boolean;

  @Text(
    'Signs and verifies tokens: 64 characters or more; a comma list verifies all, signs with the first',
    {
      optional: true,
      max: 10_000,
      private: true,
    },
  )
  MODULE_SECRET_KEY?: string;

  @Text(
    'Encrypts stored tokens: id:base64 of 32 bytes, a comma list; the first encrypts, all decrypt',
    {
      optional: true,
      max: 10_000,
      private: true,
    },
  )
  TOKEN_ENCRYPTION_KEYS?: string;

  @Integer('Seconds a token of the token door is valid when none are asked for', {
    min: 1,
    max: 31_536_000,
    default: 3600,
  })
  JWT_EXPIRATION_SECONDS!: number;

  @Integer('Seconds a session of a person in the browser lasts without being used', {
    min: 60,
    max: 2_592_000,
    default: 3_600,
  })
  SESSION_IDLE_SECONDS!: number;

  @Integer('Seconds a session of a person in the browser lasts at most', {
    min: 60,
    max: 2_592_000,
    default: 43_200,
  })
  SESSION_SECONDS!: number;

  @Text('Provider of OpenID Connect at which people sign in to the console', {
    optional: true,
    example: 'https://login.example.com',
    max: 1_000,
  })
  CONSOLE_OIDC_ISSUER?: string;

  @Text(
    'Id of the client at that provider; its redirect address is PUBLIC_URL with /api/v1/session/oidc/callback behind it',
    { optional: true, max: 1_000, example: 'action-gateway' },
  )
  CONSOLE_OIDC_CLIENT_ID?: string;

  @Text('Secret of that client; left out for one that has none', {
    optional: true,
    max: 1_000,
    private: true,
  })
  CONSOLE_OIDC_CLIENT_SECRET?: string;

  @Text('Claim of the ID token that says who somebody is, such as email or groups', {
    default: 'email',
    max: 200,
  })
  CONSOLE_OIDC_CLAIM!: string;

  @Text(
    'Who people are, as JSON: the value of the claim, and the name of a caller, or * for everything. Nobody else is let in',
    {
      optional: true,
      max: 100_000,
      example: '{"ada@example.com":"*","moderators":"chat-bot"}',
    },
  )
  CONSOLE_OIDC_CALLERS?: string;

  @Text(
    'Service that holds credentials for us: what credential_ref names is resolved there, at /api/internal/plant/credentials',
    { optional: true, example: 'http://credentials:8001', ...URL_TEXT },
  )
  CREDENTIAL_SERVICE_URL?: string;

  @Text('Our key at that service, sent as X-Plant-Internal-Key', {
    optional: true,
    max: 1_000,
    private: true,
  })
  CREDENTIAL_SERVICE_KEY?: string;

  @Integer('Seconds that service may take to answer', { min: 1, max: 10, default: 10 })
  CREDENTIAL_SERVICE_TIMEOUT!: number;

  @Text('File of the certificates to trust at that service (PEM), in place of those of Node.js', {
    optional: true,
    example: '/etc/action-gateway/credential-service-ca.pem',
  })
  CREDENTIAL_SERVICE_TLS_CA?: string;

  @Text('File of our own certificate for that service (PEM), where it asks for one', {
    optional: true,
    example: '/etc/action-gateway/credential-service.pem',
  })
  CREDENTIAL_SERVICE_TLS_CERT?: string;

  @Text('File of the private key of that certificate (PEM)', {
    optional: true,
    example: '/etc/action-gateway/credential-service-key.pem',
  })
  CREDENTIAL_SERVICE_TLS_KEY?: string;

  @Text(
    'Key with which others resolve credentials here: 32 characters or more; left out, credentials are not served',
    { optional: true, max: 1_000, private: true },
  )
  CREDENTIAL_SERVING_KEY?: string;

  @Integer('Seconds before its end at which a token is renewed', {
    min: 0,
    max: 3600,
    default: 300,
  })
  TOKEN_REFRESH_BUFFER!: number;

  @Integer('Seconds a caller without a deadline is given', { min: 1, max: 600, default: 25 })
  REQUEST_BUDGET!: number;

  @Integer('Seconds the upload of a file may take, where the caller sets no end', {
    min: 1,
    max: 86_400,
    default: 3600,
  })
  UPLOAD_BUDGET!: number;

  @Integer('Seconds one call to a platform may take', { min: 1, max: 600, default: 30 })
  REQUEST_TIMEOUT!: number;

  @Integer('Repeats of a call that surely did not happen', { min: 0, max: 10, default: 3 })
  MAX_RETRIES!: number;

  @Integer('Envelopes in one batch', { min: 1, max: 10_000, default: 100 })
  MAX_BATCH_SIZE!: number;

  @Integer('Actions side by side per replica', { min: 1, max: 10_000, default: 200 })
  MAX_WORKERS!: number;

  @Text(
    'Signs callbacks (Standard Webhooks): whsec_ and base64 of 24 to 64 bytes; a comma list signs with each',
    { optional: true, max: 10_000, private: true },
  )
  CALLBACK_SECRETS?: string;

  @Choice(
    'How callbacks are written: plain is Standard Webhooks alone; cloudevents is CloudEvents 1.0 in JSON, signed alike',
    CALLBACK_FORMATS,
    { default: 'plain' },
  )
  CALLBACK_FORMAT!: CallbackFormat;

  @Text(
    'Receivers of callbacks and webhooks that are reached over http:, on a port or inside of the network: origins by commas',
    { optional: true, max: 10_000, example: 'http://toolkit.internal:8080,https://10.0.0.7:8443' },
  )
  CALLBACK_RECEIVERS?: string;

  @Text(
    'Origins besides this gateway to which people may be sent back who have connected an account by a link, by commas',
    { optional: true, max: 10_000, example: 'https://dashboard.example' },
  )
  CONNECT_RETURN_ORIGINS?: string;

  @Integer('Lines of waiting actions worked on side by side per replica', {
    min: 0,
    max: 1_000,
    default: 50,
  })
  QUEUE_WORKERS!: number;

  @Integer('Seconds a waiting action is tried again while its platform is out of order', {
    min: 0,
    max: 2_592_000,
    default: 3_600,
  })
  QUEUE_PATIENCE!: number;

  @Integer(
    'Hours for which the envelope of an action that failed, was refused or cancelled is kept, encrypted, so that it can be sent again; 0 keeps none',
    { min: 0, max: 720, default: 72 },
  )
  REPLAY_HOURS!: number;

  @Integer(
    'Milliseconds in which a repeat without a key joins the identical request before it, if that is running or was cut off unanswered; 0 for never',
    { min: 0, max: 3_600_000, default: 0 },
  )
  DEDUPE_WINDOW_MS!: number;

  @Text(
    'Who is let in at the doors of the earlier services without a token of ours, as a JSON list; see docs/migrate.md',
    {
      optional: true,
      max: 1_000_000,
      private: true,
      example: '[{"name":"router","networks":["10.42.0.0/16"],"accounts":["1001"]}]',
    },
  )
  PREDECESSOR_TRUST?: string;

  @Text(
    'Listens on the ports of the earlier services as well: true for 8070, 8072, 8073, 50051, 50053 and 50054, or a list such as twitch=8072/50053',
    { default: 'false', max: 200 },
  )
  PREDECESSOR_PORTS!: string;

  @Flag('Offer the actions as tools of the Model Context Protocol, at /mcp', { default: true })
  ENABLE_MCP!: boolean;

  @Integer(
    'Seconds after the end of an action in which an equal call of an MCP tool without an idempotency_key is answered with its outcome, and not carried out again',
    { min: 1, max: 86_400, default: 300 },
  )
  MCP_REPEAT_SECONDS!: number;

  @Integer(
    'DEDUPE_WINDOW_MS at the doors of the earlier services, whose callers repeat and have no keys',
    {
      min: 0,
      max: 3_600_000,
      default: 60_000,
    },
  )
  PREDECESSOR_DEDUPE_WINDOW_MS!: number;

  @List(
    'What mentions in messages at the doors of the earlier services notify: users, roles, everyone; left out, no one',
    { default: [], unique: true, choices: ['users', 'roles', 'everyone'] },
  )
  PREDECESSOR_MENTIONS!: string[];

  @Text('What a command at the door of the earlier router may begin with', {
    default: '!#',
    max: 20,
  })
  PREDECESSOR_COMMAND_PREFIXES!: string;

  @Text(
    'What the entities of the earlier router and workflow stand for, such as communities, as JSON: the channel on each platform',
    {
      optional: true,
      max: 1_000_000,
      example: '{"42":{"twitch":"1001","youtube":"UC123","discord":"700000000000000001"}}',
    },
  )
  PREDECESSOR_ENTITIES?: string;

  @Text(
    'Version that /health and /stats tell at the addresses of the earlier services; left out, that of the gateway',
    { optional: true, max: 100, example: '1.0.0' },
  )
  MODULE_VERSION?: string;

  @Flag('Rehearse every request of the earlier services, and send nothing', {
    default: false,
  })
  PREDECESSOR_DRY_RUN!: boolean;

  @Integer(
    'Actions of one account side by side per replica; the rest of the places is for others',
    {
      min: 1,
      max: 10_000,
      default: 50,
    },
  )
  MAX_WORKERS_PER_ACCOUNT!: number;

  @Integer('Bytes of one message on either door', {
    min: 1024,
    max: 67_108_864,
    default: 4_194_304,
  })
  MAX_MESSAGE_BYTES!: number;

  @Integer(
    'Bytes of answers that callers have not read yet, per replica; beyond them the connections that have held theirs longest are cut',
    { min: 1_048_576, max: 17_179_869_184, default: 33_554_432 },
  )
  MAX_UNREAD_ANSWER_BYTES!: number;

  @Integer('Seconds within which a caller of the REST door has to read on in its answer', {
    min: 1,
    max: 3_600,
    default: 60,
  })
  REST_ANSWER_TIMEOUT!: number;

  @Integer(
    'Bytes of messages that are not complete, per replica; beyond them the oldest of the caller that holds most are refused. Callers without a credential have a quarter of it',
    { min: 1_048_576, max: 17_179_869_184, default: 33_554_432 },
  )
  MAX_UNFINISHED_MESSAGE_BYTES!: number;

  @Integer('Bytes of files on their way to a platform, per replica; further files wait', {
    min: 33_554_432,
    max: 17_179_869_184,
    default: 50_331_648,
  })
  MAX_FILE_BYTES!: number;

  @Integer(
    'Requests and calls under way at both doors, per replica; more are refused. 0 sets no limit',
    { min: 0, max: 1_000_000, default: 5_000 },
  )
  MAX_OPEN_REQUESTS!: number;

  @Integer(
    'Requests that one caller may make in a minute, on all replicas together; 0 sets no limit',
    {
      min: 0,
      max: 10_000_000,
      default: 6_000,
    },
  )
  CALLER_REQUESTS_PER_MINUTE!: number;

  @Integer('Seconds an idempotency key is kept', { min: 60, max: 31_536_000, default: 86_400 })
  IDEMPOTENCY_SECONDS!: number;

  @Integer('Days that actions stay in the log; 0 keeps them for ever', {
    min: 0,
    max: 36_500,
    default: 400,
  })
  AUDIT_RETENTION_DAYS!: number;

  @Integer('Seconds that a stopping gateway waits for what has begun', {
    min: 0,
    max: 600,
    default: 30,
  })
  SHUTDOWN_GRACE!: number;

  @Integer(
    'Seconds that a stopping gateway serves on while it is not ready, until load balancers have noticed',
    { min: 0, max: 600, default: 0 },
  )
  SHUTDOWN_DELAY!: number;

  @Integer('Seconds after which a gRPC connection is asked to reconnect; 0 for never', {
    min: 0,
    max: 86_400,
    default: 300,
  })
  GRPC_MAX_CONNECTION_AGE!: number;

  @Text(
    'REST door that the command line speaks to; without it, its profile or the gateway of this machine',
    {
      optional: true,
      max: 2_048,
      example: 'https://gateway.example',
    },
  )
  GATEWAY_URL?: string;

  @Text('Token that the command line sends; without it, it signs one with MODULE_SECRET_KEY', {
    optional: true,
    max: 10_000,
    private: true,
  })
  GATEWAY_TOKEN?: string;

  @Flag(
    "Offer media of YouTube; off, since downloading conflicts with YouTube's terms of service: docs/media.md",
    { default: false },
  )
  ENABLE_MEDIA!: boolean;

  @Text('Key that callers of media may send as X-API-Key, beside those that named callers have', {
    optional: true,
    min: 16,
    max: 1_000,
    private: true,
  })
  MEDIA_API_KEY?: string;

  @Choice(
    'Who fetches media: the downloader service, or yt-dlp and ffmpeg of this machine; auto takes the service where YOUTUBE_SERVICE_URL is set or one answers at http://localhost:3001',
    MEDIA_BACKENDS,
    { default: 'auto' },
  )
  MEDIA_BACKEND!: (typeof MEDIA_BACKENDS)[number];

  @Text(
    'Where the downloader service is; left out, http://localhost:3001 for MEDIA_BACKEND=service',
    { optional: true, example: 'http://localhost:3001', ...URL_TEXT },
  )
  YOUTUBE_SERVICE_URL?: string;

  @Integer('Seconds the downloader service may let us wait for its answer, or its next bytes', {
    min: 1,
    max: 600,
    default: 30,
  })
  YOUTUBE_SERVICE_TIMEOUT!: number;

  @Integer('Tries of a request to the downloader service', { min: 1, max: 10, default: 3 })
  YOUTUBE_RETRY_ATTEMPTS!: number;

  @Decimal('Seconds before its second try at most; each further wait may be twice as long', {
    min: 0,
    max: 60,
    default: 1,
  })
  YOUTUBE_RETRY_DELAY!: number;

  @Integer('Jobs of media that may wait, on all replicas together; 0 sets no limit', {
    min: 0,
    max: 1_000_000,
    default: 0,
  })
  MAX_QUEUE_LENGTH!: number;

  @Integer('Questions about videos that one caller may ask in a minute; 0 sets no limit', {
    min: 0,
    max: 1_000_000,
    default: 30,
  })
  MEDIA_INFO_PER_MINUTE!: number;

  @Integer('Downloads that one caller may begin in five minutes; 0 sets no limit', {
    min: 0,
    max: 1_000_000,
    default: 5,
  })
  MEDIA_DOWNLOADS_PER_FIVE_MINUTES!: number;

  @Integer('Downloads of one caller side by side per replica', { min: 1, max: 1_000, default: 2 })
  MEDIA_DOWNLOADS_AT_A_TIME!: number;

  @Integer('Questions and downloads side by side per replica, of all callers', {
    min: 1,
    max: 1_000,
    default: 8,
  })
  MEDIA_WORKERS!: number;

  @Integer('Bytes of one download, after which it is cut off', {
    min: 1_024,
    max: 1_099_511_627_776,
    default: 2_147_483_648,
  })
  MEDIA_MAX_BYTES!: number;

  @Flag('Let yt-dlp fetch from this very machine, for tests; refused in production', {
    default: false,
  })
  MEDIA_ALLOW_LOOPBACK!: boolean;

  @Choice(
    'How much is logged; the names that Python uses (WARNING, CRITICAL, NOTSET) are read as well',
    LOG_LEVELS,
    { default: 'info', aliases: LEVELS_OF_PYTHON },
  )
  LOG_LEVEL!: (typeof LOG_LEVELS)[number];

  @Text('Collector of traces (OTLP over HTTP), such as of OpenTelemetry; left out, none are made', {
    optional: true,
    example: 'http://localhost:4318',
    ...URL_TEXT,
  })
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;

  @Text('Headers for the collector: name=value by commas', {
    optional: true,
    max: 10_000,
    private: true,
  })
  OTEL_EXPORTER_OTLP_HEADERS?: string;

  @Text('Name of this service in traces', { default: 'action-gateway' })
  OTEL_SERVICE_NAME!: string;

  @Decimal('Share of the actions that are traced, where the caller does not say whether', {
    min: 0,
    max: 1,
    default: 1,
  })
  OTEL_TRACES_SAMPLER_ARG!: number;

  @Text(
    'Token that /metrics asks for as a bearer token; left out, it takes the permission read_audit',
    {
      optional: true,
      max: 1_000,
      private: true,
    },
  )
  METRICS_TOKEN?: string;

  @Flag(
    'Open /metrics to everybody who reaches the port; for where only your own network reaches it',
    { default: false },
  )
  METRICS_OPEN!: boolean;

  @Choice('Which finished actions have a line in the log', ['all', 'failed', 'none'], {
    default: 'all',
  })
  LOG_ACTIONS!: 'all' | 'failed' | 'none';

  @Flag('Keep a row in the action log of each read as well', { default: false })
  AUDIT_READS!: boolean;

  @Integer('Bytes of memory for the answers of reads, per replica', {
    min: 1_048_576,
    max: 1_073_741_824,
    default: 16_777_216,
  })
  READ_CACHE_BYTES!: number;

  @Text('Folder of log files beside the output, of one replica alone; left out, there are none', {
    optional: true,
    example: '/var/log/action-gateway',
  })
  LOG_DIR?: string;

  @Integer('Mebibytes of one log file; a new one begins beyond it, and every day', {
    min: 1,
    max: 10_000,
    default: 100,
  })
  LOG_FILE_SIZE!: number;

  @Integer('Log files that are kept', { min: 1, max: 1_000, default: 14 })
  LOG_FILES!: number;

  @Flag('Send the log to a syslog receiver as well (RFC 5424)', { default: false })
  ENABLE_SYSLOG!: boolean;

  @Text('Host of the syslog receiver', { default: 'localhost' })
  SYSLOG_HOST!: string;

  @Integer('Port of the syslog receiver; by custom 514, and 6514 for tls', {
    min: 1,
    max: 65_535,
    default: 514,
  })
  SYSLOG_PORT!: number;

  @Choice('How it is reached; tls trusts what Node.js trusts (NODE_EXTRA_CA_CERTS)', PROTOCOLS, {
    default: 'udp',
  })
  SYSLOG_PROTOCOL!: (typeof PROTOCOLS)[number];

  @Choice('Under which facility it files the lines', FACILITIES, { default: 'LOCAL0' })
  SYSLOG_FACILITY!: (typeof FACILITIES)[number];

  @Choice(
    'production refuses what is only good for trying out',
    ['development', 'test', 'production'],
    {
      default: 'development',
    },
  )
  NODE_ENV!: 'development' | 'test' | 'production';
}
