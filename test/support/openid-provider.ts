import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** A real provider of OpenID Connect on this machine. */
export interface OpenIdProvider {
  readonly issuer: string;
  close(): Promise<void>;
}

/** Who signs in next, by what the provider knows of them. */
export interface KnownPerson {
  readonly email: string;
  readonly email_verified?: boolean;
  readonly groups?: readonly string[];
}

/**
 * Starts a provider whose login and consent pages are those of its own development mode.
 * @param redirectUri where its only client may send people back to
 * @param people by the name that they type at the login page
 */
export async function startOpenIdProvider(
  redirectUri: string,
  people: Readonly<Record<string, KnownPerson>>,
): Promise<OpenIdProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'gateway',
        client_secret: 'a secret of the client',
        token_endpoint_auth_method: 'client_secret_post',
        redirect_uris: [redirectUri],
      },
    ],
    cookies: { keys: ['a key of cookies'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['groups'] },
    // The gateway reads the ID token alone.
    conformIdTokenClaims: false,
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
  });
  server.on('request', provider.callback());
  return {
    issuer,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
