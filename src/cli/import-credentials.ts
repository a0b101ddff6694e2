import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { ActionFailure } from '../actions/failures.js';
import { isObject } from '../actions/json.js';
import { readCredentialSecret } from '../config/earlier-variables.js';
import { CommandError } from './command.js';
import { openFernet } from './fernet.js';
import type { ImportReport } from './import-report.js';
import type { ImportedAccounts } from './imported-accounts.js';

/** A line of the earlier credential service's file. */
interface StoredCredential {
  readonly customer: string;
  readonly ref: string;
  readonly platform: string;
  readonly postingIdentity: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly updatedAt: Date;
}

export interface CredentialOptions {
  readonly isDryRun: boolean;
  /** Whether tokens that are over are renewed. */
  readonly mayRenew: boolean;
}

/**
 * Takes over the file in which the earlier credential service kept credentials: JSON by lines, the tokens
 * encrypted with a secret. They become accounts of their customers, by their old names.
 * @throws CommandError for a file that cannot be read, or a secret that is missing
 */
export async function importCredentials(
  file: string,
  accounts: ImportedAccounts,
  report: ImportReport,
  { isDryRun, mayRenew }: CredentialOptions,
): Promise<void> {
  const secret = readCredentialSecret();
  if (secret === '')
    throw new CommandError(
      'CP_PLATFORM_CREDENTIALS_SECRET is missing: set it, or JWT_SECRET, as the earlier credential service has it',
    );
  const count = { found: 0, imported: 0, skipped: new Map<string, number>() };
  for await (const line of readLines(file)) {
    if (report.isStopped) break;
    if (line.trim() === '') continue;
    count.found += 1;
    const read = readCredential(line, secret);
    const reason =
      typeof read === 'string' ? read : await take(read, accounts, report, { isDryRun, mayRenew });
    if (reason === undefined) count.imported += 1;
    else count.skipped.set(reason, (count.skipped.get(reason) ?? 0) + 1);
    report.noteProgress(`${file}: ${count.found} credentials`);
  }
  const taken = isDryRun ? 'would be imported' : 'imported';
  const skipped = [...count.skipped].map(([reason, times]) => `; skipped ${times}: ${reason}`);
  report.say(`credentials: found ${count.found}, ${taken} ${count.imported}${skipped.join('')}`);
}

/** @returns why it was left out, or undefined when it was taken */
async function take(
  credential: StoredCredential,
  accounts: ImportedAccounts,
  report: ImportReport,
  { isDryRun, mayRenew }: CredentialOptions,
): Promise<string | undefined> {
  const { platform: name, customer, ref, accessToken, refreshToken, updatedAt } = credential;
  const platform = accounts.find(name);
  if (!platform) return `this gateway cannot ask a platform ${name}`;
  const named = await accounts.references.find({ customer, ref });
  const changedAt = named && (await accounts.readChange(named.platform, named.accountId));
  const latest = Math.max(named?.updatedAt.getTime() ?? 0, changedAt?.getTime() ?? 0);
  if (named && latest >= updatedAt.getTime()) return 'ours is as new or newer';
  if (!mayRenew && (await accounts.isOver(platform, accessToken)))
    return 'its access token has ended, and whose it is only a renewal tells: --renew, once the earlier service is stopped';
  if (isDryRun) return undefined;
  try {
    const { postingIdentity, metadata } = credential;
    const given = { ref, postingIdentity, metadata, accessToken, refreshToken };
    const stored = await accounts.references.store(platform, customer, given, 'import');
    const told = await accounts.check(platform, stored.accountId, false);
    report.say(`${name} ${stored.accountId}, ${ref} of ${customer}: ${told}`);
    return undefined;
  } catch (error) {
    if (error instanceof ActionFailure) return error.message;
    throw error;
  }
}

/** A line in our words, or why it is none. */
function readCredential(line: string, secret: string): StoredCredential | string {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch {
    return 'its line is no JSON';
  }
  if (!isObject(row)) return 'its line is no JSON object';
  const [customer, ref, sealed] = [row['customer_id'], row['credential_ref'], row['secrets_enc']];
  const platform = readText(row['platform'])?.toLowerCase();
  if (!isText(customer) || !isText(ref) || platform === undefined || !isText(sealed))
    return 'it has no customer, name, platform or tokens';
  const opened = openFernet(sealed, secret);
  if (opened === undefined) return 'its tokens were encrypted with another secret';
  const tokens: unknown = parseOrNothing(opened);
  const { access_token, refresh_token } = isObject(tokens) ? tokens : {};
  if (!isText(access_token)) return 'it has no access token';
  const updatedAt = new Date(readText(row['updated_at']) ?? 0);
  return {
    customer,
    ref,
    platform,
    postingIdentity: readText(row['posting_identity']),
    metadata: isObject(row['metadata']) ? row['metadata'] : {},
    accessToken: access_token.trim(),
    refreshToken: readText(refresh_token)?.trim(),
    updatedAt: Number.isNaN(updatedAt.getTime()) ? new Date(0) : updatedAt,
  };
}

async function* readLines(file: string): AsyncGenerator<string> {
  const input = createReadStream(file, 'utf8');
  try {
    yield* createInterface({ input, crlfDelay: Infinity });
  } catch (error) {
    throw new CommandError(
      `The file given with --credentials cannot be read: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readText(value: unknown): string | undefined {
  return isText(value) ? value : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
