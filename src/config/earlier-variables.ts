type Env = Readonly<Record<string, string | undefined>>;

/** Variables of earlier services under the names that they have here. */
const RENAMED: Readonly<Record<string, string>> = {
  CP_BACKEND_URL: 'CREDENTIAL_SERVICE_URL',
  GOOGLE_CLIENT_ID: 'YOUTUBE_CLIENT_ID',
  GOOGLE_CLIENT_SECRET: 'YOUTUBE_CLIENT_SECRET',
};

const LIMITS = 'limits are learned from the answers of the platforms';
const BUDGET = 'CALLER_REQUESTS_PER_MINUTE bounds callers';

/** Variables of earlier services that mean nothing here, each with what does in its place. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  DISCORD_RATE_LIMIT_GLOBAL: LIMITS,
  DISCORD_RATE_LIMIT_PER_CHANNEL: LIMITS,
  HTTP_PORT: 'set REST_PORT',
  JWT_ALGORITHM: 'tokens are signed with HS256',
  LOCAL_STORAGE_PATH: 'jobs are kept in the database',
  MAX_CONCURRENT_REQUESTS: 'MAX_WORKERS bounds actions side by side, MAX_OPEN_REQUESTS requests',
  MODULE_NAME: 'the name follows the address at which /health is asked',
  MODULE_PORT: 'set REST_PORT',
  RATE_LIMIT_BURST: BUDGET,
  RATE_LIMIT_KEY: BUDGET,
  RATE_LIMIT_PER_MINUTE: BUDGET,
  RATE_LIMIT_REQUESTS: BUDGET,
  RATE_LIMIT_WINDOW: BUDGET,
  RETRY_DELAY: 'waits before a repeat follow the answers of the platform; MAX_RETRIES bounds them',
  SECRET_KEY: 'give it to verify_keys of an entry of PREDECESSOR_TRUST',
  SERVICE_API_KEY: 'give it to service_keys of an entry of PREDECESSOR_TRUST',
  YOUTUBE_API_KEY: 'every call to YouTube is authorised by an account',
  YOUTUBE_API_VERSION: 'version 3 of the YouTube Data API is spoken',
};

/** Values with which such a variable says what is so anyway. */
const SAID_ANYWAY: Readonly<Record<string, string>> = {
  JWT_ALGORITHM: 'HS256',
  YOUTUBE_API_VERSION: 'v3',
};

const READ_BY_IMPORT = ['CP_PLATFORM_CREDENTIALS_SECRET', 'CP_PLATFORM_CREDENTIALS_STORE_PATH'];

/** As settings.ts has it for MEDIA_API_KEY. */
const SHORTEST_MEDIA_KEY = 16;
/** As for CREDENTIAL_SERVING_KEY. */
const SHORTEST_SERVING_KEY = 32;

/**
 * Reads the variables of earlier services.
 * @returns the environment with the variables under the names that they have here, and a sentence for each
 *   that has no effect, without its value
 */
export function readEarlierVariables(env: Env): {
  readonly env: Env;
  readonly notes: readonly string[];
} {
  const taken: Record<string, string | undefined> = { ...env };
  const notes: string[] = [];
  const takeAs = (old: string, name: string): void => {
    if (isGiven(taken, name)) {
      if (taken[name] !== env[old]) notes.push(`${old} has no effect: ${name} is set`);
    } else taken[name] = env[old];
  };
  for (const [old, name] of Object.entries(RENAMED)) if (isGiven(env, old)) takeAs(old, name);
  if (isGiven(env, 'API_KEY')) readMediaKey(env, takeAs, notes);
  if (isGiven(env, 'PLANT_INTERNAL_API_KEY')) readPlantKey(taken, takeAs, notes);
  for (const name of READ_BY_IMPORT)
    if (isGiven(env, name)) notes.push(`${name} has no effect here: "npm run import" reads it`);
  for (const [name, instead] of Object.entries(WITHOUT_EFFECT))
    if (isGiven(env, name) && env[name] !== SAID_ANYWAY[name])
      notes.push(`${name} has no effect: ${instead}`);
  return { env: taken, notes };
}

type TakeAs = (old: string, name: string) => void;

/** The key of the earlier toolkit. */
function readMediaKey(env: Env, takeAs: TakeAs, notes: string[]): void {
  const { length } = env['API_KEY'] ?? '';
  if (env['ENABLE_MEDIA']?.toLowerCase() !== 'true')
    notes.push('API_KEY has no effect: it is the key of media, which ENABLE_MEDIA=true offers');
  else if (length < SHORTEST_MEDIA_KEY)
    notes.push(
      `API_KEY has no effect: it has ${length} characters and needs ${SHORTEST_MEDIA_KEY} or more`,
    );
  else takeAs('API_KEY', 'MEDIA_API_KEY');
}

/** The key between the earlier credential service and its client: ours there, or that of others here. */
function readPlantKey(env: Env, takeAs: TakeAs, notes: string[]): void {
  const name = 'PLANT_INTERNAL_API_KEY';
  const { length } = env[name] ?? '';
  if (isGiven(env, 'CREDENTIAL_SERVICE_URL')) return takeAs(name, 'CREDENTIAL_SERVICE_KEY');
  // Its own store of credentials tells the service itself from its client.
  if (!READ_BY_IMPORT.some((one) => isGiven(env, one)))
    notes.push(
      `${name} has no effect: set CP_BACKEND_URL to ask the credential service with it, or CREDENTIAL_SERVING_KEY to serve credentials`,
    );
  else if (length < SHORTEST_SERVING_KEY)
    notes.push(
      `${name} has no effect: it has ${length} characters and needs ${SHORTEST_SERVING_KEY} or more; set CREDENTIAL_SERVING_KEY to a longer one, here and at the callers`,
    );
  else takeAs(name, 'CREDENTIAL_SERVING_KEY');
}

/** The secret with which the earlier credential service encrypted its file; empty where none is set. */
export function readCredentialSecret(env: Env = process.env): string {
  return (env['CP_PLATFORM_CREDENTIALS_SECRET'] || env['JWT_SECRET'] || '').trim();
}

function isGiven(env: Env, name: string): boolean {
  return env[name] !== undefined && env[name] !== '';
}

/** Keys that earlier services had by default and in their examples, which anybody can read. */
export const PUBLISHED_KEYS: ReadonlySet<string> = new Set([
  'change-me-in-production',
  'change_me_in_production_64_char_key_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  'waddlebot_twitch_action_secret_change_me_in_production',
  'youtube_action_secret_key_change_me_in_production',
  'your_64_character_secret_key_change_me_in_production_env',
]);
