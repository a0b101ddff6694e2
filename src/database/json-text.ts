/**
 * JSON that PostgreSQL takes: text from outside may hold U+0000 or half a surrogate pair, also in names.
 * JSON.stringify escapes exactly these, so they are found among the escapes of the text.
 */
export function toJson(value: object): string {
  const text = JSON.stringify(value);
  // Most texts have no escape at all, and to look for one sign costs a tenth of looking for many.
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\(?:u0000|ud[89a-f]..|.)/g, (escape) =>
    escape.length > 2 ? '\uFFFD' : escape,
  );
}
