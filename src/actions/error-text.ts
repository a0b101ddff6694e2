import { isObject } from './json.js';

const LONGEST = 500;
const MOST_LINES = 10;

/**
 * Formats an error that does not have the platform's usual form: `{"username": ["Taken."]}`, several JSON
 * objects in a row, or a line of text. Empty for HTML pages.
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

/** Formats texts with their names, such as `username: Taken.` */
function listTexts(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    if (name === 'code' || name === 'status') return [];
    const texts = (Array.isArray(value) ? value : [value]).filter(
      (text): text is string => typeof text === 'string' && text !== '',
    );
    return texts.map((text) => `${name}: ${text}`);
  });
}

/** The JSON objects in a text of several in a row; empty if the text holds anything else. */
function splitObjects(text: string): unknown[] {
  const objects: unknown[] = [];
  let start = 0;
  for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}', end + 1)) {
    try {
      objects.push(JSON.parse(text.slice(start, end + 1)));
    } catch {
      // A brace inside the object: the object goes on.
      continue;
    }
    start = end + 1;
    if (objects.length >= MOST_LINES) break;
  }
  return objects;
}
