import type { Config } from '../../config/config.js';

/** The address of the REST door in the samples of the documentation. */
export function readDocsUrl({
  PUBLIC_URL,
  REST_PORT,
  tls,
}: Pick<Config, 'PUBLIC_URL' | 'REST_PORT' | 'tls'>): string {
  return PUBLIC_URL ?? `${tls.rest ? 'https' : 'http'}://localhost:${REST_PORT}`;
}
