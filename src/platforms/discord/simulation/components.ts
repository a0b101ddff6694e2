import { isRecord } from '../../../sandbox/exchange.js';
import { refuseField } from './discord-call.js';
import type { Wire } from './wire.js';

const HOUR_MS = 3_600_000;
const MOST_COMPONENTS = 40;

/** What of a component is another component, or a list of them. */
const INNER = ['components', 'accessory'] as const;
/** Members that answers have also where the request leaves them out. */
const COMPLETED: Readonly<Record<number, Wire>> = {
  3: { min_values: 1, max_values: 1 },
  5: { min_values: 1, max_values: 1 },
  6: { min_values: 1, max_values: 1 },
  7: { min_values: 1, max_values: 1 },
  8: { min_values: 1, max_values: 1 },
  11: { description: null, spoiler: false },
  13: { name: null, size: null, spoiler: false },
  14: { spacing: 1, divider: true },
  17: { accent_color: null, spoiler: false },
};
/** Members that only requests have. */
const ASKED_ONLY: ReadonlySet<string> = new Set(['required']);

/** Components as an answer shows them: each with an id. */
export function readComponents(value: unknown): Wire[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > MOST_COMPONENTS)
    throw refuseField(['components'], 'BASE_TYPE_MAX_LENGTH', 'Must be 40 or fewer in length.');
  const ids = { last: 0 };
  return value.map((component) => complete(component, ids));
}

function complete(value: unknown, ids: { last: number }): Wire {
  if (!isRecord(value))
    throw refuseField(['components'], 'MODEL_TYPE_CONVERT', 'Only dictionaries.');
  ids.last += 1;
  const type = Number(value['type']);
  const members = Object.entries(value).filter(
    ([name, member]) => member !== null && !ASKED_ONLY.has(name),
  );
  const shown: Wire = { id: ids.last, ...COMPLETED[type], ...Object.fromEntries(members) };
  for (const name of INNER) {
    const inner = shown[name];
    if (Array.isArray(inner)) shown[name] = inner.map((one) => complete(one, ids));
    else if (isRecord(inner)) shown[name] = complete(inner, ids);
  }
  for (const name of ['media', 'file'])
    if (isRecord(shown[name])) shown[name] = unfurl(shown[name]);
  if (Array.isArray(shown['items'])) shown['items'] = shown['items'].filter(isRecord).map(showItem);
  return shown;
}

function showItem(item: Wire): Wire {
  const given = Object.entries(item).filter(([, member]) => member !== null);
  const media = unfurl(isRecord(item['media']) ? item['media'] : {});
  return { description: null, spoiler: false, ...Object.fromEntries(given), media };
}

function unfurl({ url }: Wire): Wire {
  return { id: '1', url, proxy_url: url };
}

/** A poll as an answer shows it. */
export function showPoll(poll: Wire, now: number): Wire {
  const answers = Array.isArray(poll['answers']) ? poll['answers'].filter(isRecord) : [];
  return {
    question: showMedia(poll['question']),
    answers: answers.map((answer, index) => ({
      answer_id: index + 1,
      poll_media: showMedia(answer['poll_media']),
    })),
    expiry: new Date(now + Number(poll['duration'] ?? 24) * HOUR_MS).toISOString(),
    allow_multiselect: poll['allow_multiselect'] ?? false,
    layout_type: poll['layout_type'] ?? 1,
    results: { answer_counts: [], is_finalized: false },
  };
}

function showMedia(media: unknown): Wire {
  if (!isRecord(media)) return {};
  const { text, emoji } = media;
  return {
    ...(typeof text === 'string' && { text }),
    ...(isRecord(emoji) && { emoji: { id: emoji['id'] ?? null, name: emoji['name'] ?? null } }),
  };
}
