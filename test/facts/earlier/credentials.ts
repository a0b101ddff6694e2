import type { EarlierFact, EarlierRequest, EarlierService } from './fact.js';

/** How a service refused a request without a right token. */
export interface CredentialWords {
  readonly missing: unknown;
  readonly expired: unknown;
  readonly invalid: unknown;
}

/** Requests with a credential that is missing, over or wrong, at a route of a service. */
export function refuseCredentials(
  service: EarlierService,
  at: string,
  body: unknown,
  words: CredentialWords,
): EarlierFact[] {
  const refused = (what: string, asked: Partial<EarlierRequest>, said: unknown): EarlierFact => ({
    service,
    door: 'REST',
    at,
    what,
    asked: { body, ...asked },
    was: { status: 401, body: said },
  });
  return [
    refused('without a credential', { token: null }, words.missing),
    refused(
      'with a credential that is no bearer token',
      { token: null, headers: { authorization: 'Basic eA==' } },
      words.missing,
    ),
    refused('with a token that has ended', { token: 'expired' }, words.expired),
    refused('with a token of another key', { token: 'foreign' }, words.invalid),
    refused('with a text that is no token', { token: 'garbage' }, words.invalid),
  ];
}
