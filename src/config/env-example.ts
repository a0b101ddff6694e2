import { type Field, listFields } from '../actions/fields.js';
import { PLATFORMS } from '../platforms/platforms.js';
import { Settings } from './settings.js';

/** Headings in their order; a variable goes below the first one whose pattern it fits. */
const SECTIONS: readonly (readonly [title: string, names: RegExp])[] = [
  ['How it runs', /^(NODE_ENV|SANDBOX|SHUTDOWN_\w+)$/],
  ['Doors', /^(HOST|PUBLIC_URL|REST_|GRPC_|MAX_MESSAGE_BYTES|MAX_BATCH_SIZE)/],
  ['Database', /^(DATABASE_|EMBEDDED_DATABASE|DATA_DIR)/],
  ['Keys and tokens', /^(MODULE_SECRET_KEY|TOKEN_|JWT_)/],
  ['MCP', /^(ENABLE_MCP|MCP_)/],
  ['Media', /^(ENABLE_MEDIA|MEDIA_|YOUTUBE_SERVICE_|YOUTUBE_RETRY_|MAX_QUEUE_LENGTH)/],
  ['Credentials by reference', /^CREDENTIAL_/],
  ['Time and load', /^(REQUEST_|UPLOAD_|MAX_|IDEMPOTENCY_)/],
  ['Logs, metrics and traces', /(^LOG_|SYSLOG|^METRICS_|^OTEL_)/],
  ['Proxies for outgoing requests', /^(HTTPS?_PROXY|NO_PROXY)$/],
  ['Others', /^/],
];

const FOR_COMPOSE = `
## docker compose
#
# Read by docker-compose.yml alone, never by the gateway.

# Password of the database that docker-compose.yml starts: make one with \`openssl rand -hex 24\`
# POSTGRES_PASSWORD=
`;

const SWITCHES = `
## Switches
#
# Everything is on until its switch says false: a platform, a group on every platform, a group on one
# platform (which wins over the general one), a single action. The families, and one of each:
#
#   ENABLE_<PLATFORM>_ACTIONS
#   ENABLE_<GROUP>_ACTIONS
#   ENABLE_<PLATFORM>_<GROUP>_ACTIONS
#   ENABLE_<PLATFORM>_<ACTION>

# ENABLE_TWITCH_ACTIONS=true
# ENABLE_MODERATION_ACTIONS=true
# ENABLE_TWITCH_CHAT_ACTIONS=true
# ENABLE_TWITCH_RAID=true
`;

/** .env.example: every variable the gateway reads, with its meaning and its default. */
export function renderEnvExample(): string {
  const left = new Set(listFields(Settings));
  const sections = SECTIONS.map(([title, names]) => {
    const fields = [...left].filter(({ name }) => names.test(name));
    for (const field of fields) left.delete(field);
    return layOutSection(title, fields);
  });
  const platforms = PLATFORMS.map(({ title, variables }) =>
    layOutSection(title, listFields(variables)),
  );
  return `# Generated from src/config/settings.ts and the declarations of the platforms by "npm run generate": do not edit.
#
# Every variable the gateway reads. One that is commented out shows its default, or an example where
# it has none. An empty one counts as not given.
${platforms.join('')}${sections.join('')}${FOR_COMPOSE}${SWITCHES}`;
}

function layOutSection(title: string, fields: readonly Field[]): string {
  return fields.length > 0 ? `\n## ${title}\n\n${fields.map(describeVariable).join('\n')}` : '';
}

function describeVariable({ name, description, example, schema, ...field }: Field): string {
  const notes = [describeLimits(schema), field.default === undefined ? 'no default' : ''];
  const note = notes.filter((text) => text !== '').join('; ');
  const value = field.default ?? example ?? '';
  return `# ${description}${note && ` (${note})`}\n# ${name}=${String(value)}\n`;
}

function describeLimits({ enum: choices, minimum, maximum, type }: Field['schema']): string {
  if (Array.isArray(choices)) return choices.join(', ');
  if (type === 'boolean') return 'true or false';
  const hasRange = typeof minimum === 'number' && typeof maximum === 'number';
  return hasRange ? `${minimum} to ${maximum}` : '';
}
