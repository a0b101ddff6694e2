const CENSOR = '[redacted]';
/** Shorter ones would hide parts of ordinary words, and guard nothing. */
const SHORTEST = 8;
/** More secrets than a gateway uses at a time; the ones that were used longest ago are forgotten first. */
const MOST_SEEN = 10_000;
/** How a secret looks that has no spaces; texts of several words are none. */
const SECRET_WORD = /^[\w~+/.=-]{8,2048}$/;
const WORDS = /[\w~+/.-]{8,}={0,2}/g;

/** What gives itself away by its form: JWTs, Google's tokens, those of bots, secrets of webhooks. */
const FORMS =
  /eyJ[\w-]{2,}\.[\w-]{2,}\.[\w-]*|whsec_[\w+/=-]{8,}|ya29\.[\w-]{8,}|1\/\/[\w-]{20,}|[MNO][\w-]{22,27}\.[\w-]{6,7}\.[\w-]{27,}/g;
const CREDENTIALS = /((?:Bearer|Basic|OAuth|Bot) +|oauth:)(?=[\w.~+/=-]*\d)[\w.~+/=-]{16,}/gi;
const PASSWORDS = /(\w:\/\/[^\s:/@"]*:)[^\s@/"]+(?=@)/g;

/** Of the configuration: looked for anywhere, also in the middle of a word. */
const lasting = new Set<string>();
/** What the vault has opened or closed, the latest last. */
const seen = new Set<string>();

/** Takes values out of every line of the log from now on. The log is one for the process, and so are they. */
export function hideFromLogs(values: Iterable<string>): void {
  for (const value of values) {
    if (value.length < SHORTEST) continue;
    lasting.add(value);
    lasting.add(JSON.stringify(value).slice(1, -1));
    lasting.add(encodeURIComponent(value));
  }
}

/** Takes out a secret for as long as it is among the latest: tokens come and go. */
export function hideWhileUsed(text: string): void {
  if (!SECRET_WORD.test(text)) return;
  // Put at the end again, so that what is in use is not forgotten.
  seen.delete(text);
  seen.add(text);
  if (seen.size > MOST_SEEN) for (const oldest of seen) return void seen.delete(oldest);
}

/** A line without any secret that is known, or that looks like one. */
export function redactLine(line: string): string {
  let shown = line;
  for (const secret of lasting)
    if (shown.includes(secret)) shown = shown.replaceAll(secret, CENSOR);
  if (seen.size > 0) shown = shown.replace(WORDS, hideSeen);
  return shown
    .replace(FORMS, CENSOR)
    .replace(CREDENTIALS, `$1${CENSOR}`)
    .replace(PASSWORDS, `$1${CENSOR}`);
}

/** A secret alone, or as a part of an address. */
function hideSeen(word: string): string {
  if (seen.has(word)) return CENSOR;
  if (!word.includes('/') && !word.includes('.')) return word;
  return word
    .split(/([/.])/)
    .map((part) => (seen.has(part) ? CENSOR : part))
    .join('');
}
