import { callRest, type RestAnswer } from './gateway.js';

/** A gateway that a browser speaks to. */
interface Reached {
  readonly restUrl: string;
}

/** A person who signed in, as a browser keeps it: a cookie, and the CSRF token of the page. */
export interface BrowserSession {
  readonly cookie: string;
  readonly csrfToken: string;
  /** What the answer to the sign-in said. */
  readonly answer: RestAnswer;
  /** Asks with the cookie, and with the CSRF token unless it is null. */
  ask(
    method: string,
    path: string,
    body?: unknown,
    options?: { readonly csrfToken?: string | null; readonly at?: Reached },
  ): Promise<RestAnswer>;
}

/** Signs in with a key, a token or a code. */
export async function signIn(
  gateway: Reached,
  credential: { readonly key: string } | { readonly code: string },
): Promise<BrowserSession> {
  const answer = await callRest(gateway, 'POST', '/api/v1/session', credential, { token: null });
  if (answer.status !== 201)
    throw new Error(`not signed in: ${answer.status} ${JSON.stringify(answer.body)}`);
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const csrfToken = answer.body['csrf_token'] as unknown as string;
  return {
    cookie,
    csrfToken,
    answer,
    ask: (method, path, body, { csrfToken: given = csrfToken, at = gateway } = {}) =>
      callRest(at, method, path, body, {
        token: null,
        headers: { cookie, ...(given !== null && { 'x-csrf-token': given }) },
      }),
  };
}
