import type { ResolvedCredentials } from '../../src/accounts/resolved-credentials.js';

/** For tests in which every credential is the gateway's own: whoever resolves one fails loudly. */
export const OWN_ALONE = {} as ResolvedCredentials;
