/**
 * The YouTube scopes that our actions use. This one is enough for every call we make.
 * @see https://developers.google.com/youtube/v3/guides/auth/server-side-web-apps#identify-access-scopes
 */
export type YouTubeScope = 'https://www.googleapis.com/auth/youtube.force-ssl';

/** What every action needs: managing the account, over TLS alone. */
export const MANAGE: readonly [YouTubeScope] = [
  'https://www.googleapis.com/auth/youtube.force-ssl',
];
