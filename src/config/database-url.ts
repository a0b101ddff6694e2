import { accessSync, constants } from 'node:fs';

/** Reserved in URLs, so that a parser would end the user name or the password at them. */
const RESERVED = /[@/?#[\]\\\s]/;
const SSL_FILES = ['sslrootcert', 'sslcert', 'sslkey'] as const;
const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];
const ENCODE =
  'percent-encode the special characters of the user name and the password (@ is %40, / is %2F, # is %23, ? is %3F, % is %25)';

/**
 * What is wrong with a PostgreSQL URL, as a sentence without its subject; undefined when nothing is. No
 * part of the URL is repeated: an unencoded password may be read as its host, port or path.
 */
export function findDatabaseUrlFault(text: string): string | undefined {
  // An unencoded password may itself hold "@": the last one is where its owner meant it to end.
  const rest = text.replace(/^postgres(ql)?:\/\//, '');
  const userInfo = rest.includes('@') ? rest.slice(0, rest.lastIndexOf('@')) : '';
  if (RESERVED.test(userInfo) || /%(?![0-9a-f]{2})/i.test(userInfo))
    return `cannot be read: ${ENCODE}`;
  if (!URL.canParse(text))
    return `is not a URL such as postgresql://user:password@host:5432/database: name one host, and ${ENCODE}`;
  const { hash, searchParams } = new URL(text);
  if (hash !== '') return `must not contain "#": ${ENCODE}`;
  const mode = searchParams.get('sslmode');
  if (mode !== null && !SSL_MODES.includes(mode))
    return `has an unknown sslmode: write one of ${SSL_MODES.join(', ')}`;
  for (const name of SSL_FILES) {
    const file = searchParams.get(name);
    if (file === null) continue;
    try {
      accessSync(file, constants.R_OK);
    } catch (error) {
      return `names a file in ${name} that cannot be read: ${(error as Error).message}`;
    }
  }
  return undefined;
}

/** The password of a PostgreSQL URL, as it is written there and decoded. */
export function listPasswords(text: string): string[] {
  const { password = '' } = URL.canParse(text) ? new URL(text) : {};
  return password === '' ? [] : [...new Set([password, decodeURIComponent(password)])];
}
