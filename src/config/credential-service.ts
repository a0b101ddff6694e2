import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Settings } from './settings.js';

/** Where credentials are resolved that others hold for us. */
export interface CredentialServiceSettings {
  /** Without a slash at its end. */
  readonly url: string;
  readonly key: string;
  readonly timeoutMs: number;
  /** Whom to trust, and our own certificate, where files were named. */
  readonly tls: SecureContextOptions;
}

const SHORTEST_SERVING_KEY = 32;

/** Reads where credentials are resolved; faults are added to `faults`. */
export function readCredentialService(
  settings: Settings,
  faults: string[],
): CredentialServiceSettings | undefined {
  const { CREDENTIAL_SERVING_KEY: servingKey } = settings;
  if (servingKey !== undefined && servingKey.length < SHORTEST_SERVING_KEY) {
    faults.push(
      `CREDENTIAL_SERVING_KEY has ${servingKey.length} characters and needs ${SHORTEST_SERVING_KEY} or more: make one with \`openssl rand -hex 32\``,
    );
  }
  const {
    CREDENTIAL_SERVICE_URL: url,
    CREDENTIAL_SERVICE_KEY: key,
    CREDENTIAL_SERVICE_TIMEOUT: timeout,
    CREDENTIAL_SERVICE_TLS_CERT: cert,
    CREDENTIAL_SERVICE_TLS_KEY: certKey,
  } = settings;
  if (url === undefined) return undefined;
  if (key === undefined) {
    faults.push(
      'CREDENTIAL_SERVICE_KEY is missing: set it to the internal key of that service, or leave CREDENTIAL_SERVICE_URL out',
    );
  }
  if ((cert === undefined) !== (certKey === undefined)) {
    faults.push(
      'CREDENTIAL_SERVICE_TLS_CERT and CREDENTIAL_SERVICE_TLS_KEY belong together: set both or neither',
    );
  }
  const files = { CA: 'ca', CERT: 'cert', KEY: 'key' } as const;
  const tls: Partial<Record<(typeof files)[keyof typeof files], Buffer>> = {};
  for (const [end, part] of Object.entries(files)) {
    const name = `CREDENTIAL_SERVICE_TLS_${end as keyof typeof files}` as const;
    const file = settings[name];
    if (file === undefined) continue;
    if (!url.startsWith('https:'))
      faults.push(`${name} is of no use: CREDENTIAL_SERVICE_URL does not begin with https:`);
    try {
      tls[part] = readFileSync(file);
    } catch (error) {
      faults.push(`${name} cannot be read: ${(error as Error).message}`);
    }
  }
  try {
    createSecureContext(tls);
  } catch (error) {
    faults.push(
      `CREDENTIAL_SERVICE_TLS_CA, _CERT and _KEY must be PEM files that fit together: ${(error as Error).message}`,
    );
  }
  return Object.freeze({
    url: url.replace(/\/+$/, ''),
    key: key ?? '',
    timeoutMs: timeout * 1_000,
    tls: Object.freeze(tls),
  });
}
