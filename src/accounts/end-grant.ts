import type { OAuth, OAuthClient, Platform } from '../actions/platform.js';
import type { Transport } from '../actions/wire.js';

/** What became of a grant at its platform: 'none' where it knows of no end but the token's own. */
export type GrantEnd = 'ended' | 'unclear' | 'none';

export interface GrantTokens {
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  readonly client?: OAuthClient | undefined;
}

const PATIENCE_MS = 5_000;

/**
 * Ends a grant at the platform itself. Both tokens are given back, since some platforms take the one
 * and some the other; where neither is taken, the grant may live on in its refresh token, so it is
 * renewed once more and ended then. Never throws; 'unclear' when the platform could not be asked.
 */
export async function endGrant(
  transport: Transport,
  { oauth }: Platform,
  tokens: GrantTokens,
): Promise<GrantEnd> {
  if (!oauth?.connecting) return 'none';
  const { accessToken, refreshToken, client } = tokens;
  const ends = await Promise.all(
    [accessToken, ...(refreshToken === undefined ? [] : [refreshToken])].map((token) =>
      revoke(transport, oauth, token, client),
    ),
  );
  if (ends.includes('taken')) return 'ended';
  if (ends.includes('unclear')) return 'unclear';
  return refreshToken === undefined
    ? 'ended'
    : renewAndRevoke(transport, oauth, refreshToken, client);
}

async function renewAndRevoke(
  transport: Transport,
  oauth: OAuth,
  refreshToken: string,
  client: OAuthClient | undefined,
): Promise<GrantEnd> {
  const delivery = await transport.deliver(oauth.buildRefresh(refreshToken, client), PATIENCE_MS);
  const grant = delivery.kind === 'answered' ? oauth.readRefresh(delivery.answer) : 'unclear';
  if (typeof grant === 'string') return grant === 'dead' ? 'ended' : 'unclear';
  const end = await revoke(transport, oauth, grant.accessToken, client);
  return end === 'taken' ? 'ended' : 'unclear';
}

/** The platform's answer to a revoked token: it knew the token, it did not, or the answer is unclear. */
async function revoke(
  transport: Transport,
  { connecting }: OAuth,
  token: string,
  client: OAuthClient | undefined,
): Promise<'taken' | 'unknown' | 'unclear'> {
  if (!connecting) return 'unclear';
  const delivery = await transport.deliver(connecting.buildRevocation(token, client), PATIENCE_MS);
  if (delivery.kind !== 'answered' || delivery.answer.status >= 500) return 'unclear';
  return delivery.answer.status < 300 ? 'taken' : 'unknown';
}
