import type { Platform, TokenIdentity, TokenReading } from '../actions/platform.js';
import type { Transport } from '../actions/wire.js';

const PATIENCE_MS = 5_000;

/** What a platform says of a token that it accepts; the account is left out where it has no word for it. */
export type AcceptedToken = Omit<TokenIdentity, 'accountId'> & {
  readonly accountId?: string;
};

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

/**
 * Whether a platform accepts a token; 'unclear' when it cannot be asked. Never throws. The token of a bot
 * is accepted without an account: a bot is stored under an id that the caller chooses.
 */
export async function examineToken(
  transport: Transport,
  platform: Platform,
  accessToken: string,
): Promise<AcceptedToken | Exclude<TokenReading, TokenIdentity>> {
  const { inviting } = platform;
  if (canIdentify(platform) || !inviting) return identifyToken(transport, platform, accessToken);
  const delivery = await transport.deliver(inviting.buildBot(accessToken), PATIENCE_MS);
  const bot = delivery.kind === 'answered' ? inviting.readBot(delivery.answer) : 'unclear';
  return typeof bot === 'string' ? bot : { login: bot.name, scopes: [], expiresIn: undefined };
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

/**
 * Which scopes a token has by the platform's own word; undefined when the platform did not say.
 * @param accepted what the platform has just said of the token, if it said anything
 */
export async function readVerifiedScopes(
  transport: Transport,
  platform: Platform,
  accessToken: string,
  accepted: AcceptedToken | undefined,
): Promise<readonly string[] | undefined> {
  const asked = await readTokenScopes(transport, platform, accessToken);
  if (asked === 'not asked') return accepted?.scopes;
  return asked === 'unclear' ? undefined : asked;
}

/** Whether a platform can be asked about a token at all. */
export function canVerify(platform: Platform): boolean {
  return canIdentify(platform) || platform.inviting !== undefined;
}

/** Whether a platform has a way to say whose a token is. */
export function canIdentify({ oauth }: Platform): boolean {
  return oauth?.buildValidation !== undefined || oauth?.connecting !== undefined;
}
