import type { Platform, TokenReading } from '../actions/platform.js';
import type { Transport } from '../actions/wire.js';

const PATIENCE_MS = 5_000;

/** Whose a token is, as the platform says; 'unclear' when it cannot be asked. Never throws. */
export async function identifyToken(
  transport: Transport,
  { oauth }: Platform,
  accessToken: string,
): Promise<TokenReading> {
  if (oauth?.buildValidation && oauth.readValidation) {
    const delivery = await transport.deliver(oauth.buildValidation(accessToken), PATIENCE_MS);
    return delivery.kind === 'answered' ? oauth.readValidation(delivery.answer) : 'unclear';
  }
  if (!oauth?.connecting) return 'unclear';
  const { connecting } = oauth;
  const delivery = await transport.deliver(
    connecting.buildIdentification(accessToken),
    PATIENCE_MS,
  );
  return delivery.kind === 'answered' ? connecting.readIdentification(delivery.answer) : 'unclear';
}

/** Which scopes a token has; 'not asked' where the answer to whose it is says that already. */
export async function readTokenScopes(
  transport: Transport,
  { oauth }: Platform,
  accessToken: string,
): Promise<readonly string[] | 'unclear' | 'not asked'> {
  if (!oauth?.buildScopes || !oauth.readScopes) return 'not asked';
  const delivery = await transport.deliver(oauth.buildScopes(accessToken), PATIENCE_MS);
  return delivery.kind === 'answered' ? oauth.readScopes(delivery.answer) : 'unclear';
}

/** Whether a platform has a way to say whose a token is. */
export function canIdentify({ oauth }: Platform): boolean {
  return oauth?.buildValidation !== undefined || oauth?.connecting !== undefined;
}
