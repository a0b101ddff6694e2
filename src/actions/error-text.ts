import { isObject } from './json.js';

const LONGEST = 500;
const MOST_LINES = 10;

/**
 * What an error says for people that has not the platform's usual form: `{"username": ["Taken."]}`, JSON
 * objects one after the other, or a line of text. Pages say nothing; empty for them.
 */
export function formatError(body: unknown): string {
  if (typeof body === 'string') {
    const text = body.trim();
    if (text.startsWith('<')) return '';
    const objects = text.startsWith('{') ? splitObjects(text) : [];
    const told = objects.map(formatError).filter((line) => line !== '');
    return (told.length > 0 ? [...new Set(told)].join('; ') : text).slice(0, LONGEST);
  }
  if (!isObject(body)) return '';
  const { message, error, error_description } = body;
  const own = [message, error_description, error].find(
    (text): text is string => typeof text === 'string' && text !== '',
  );
  return (own ?? listTexts(body).slice(0, MOST_LINES).join('; ')).slice(0, LONGEST);
}

/** Texts below names, such as `username: Taken.` */
function listTexts(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    if (name === 'code' || name === 'status') return [];
    const texts = (Array.isArray(value) ? value : [value]).filter(
      (text): text is string => typeof text === 'string' && text !== '',
    );
    return texts.map((text) => `${name}: ${text}`);
  });
}

/** The JSON objects that a text is made of, one after the other; none where it is made of anything else. */
function splitObjects(text: string): unknown[] {
  const objects: unknown[] = [];
  let start = 0;
  for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}', end + 1)) {
    try {
      objects.push(JSON.parse(text.slice(start, end + 1)));
    } catch {
      // A bracket inside: the object goes on.
      continue;
    }
    start = end + 1;
    if (objects.length >= MOST_LINES) break;
  }
  return objects;
}
