/**
 * The YouTube scopes that our actions use. The first is enough for every call but those about members.
 * @see https://developers.google.com/youtube/v3/guides/auth/server-side-web-apps#identify-access-scopes
 */
export type YouTubeScope =
  | 'https://www.googleapis.com/auth/youtube.force-ssl'
  | 'https://www.googleapis.com/auth/youtube.channel-memberships.creator';

/** What every action needs: managing the account, over TLS alone. */
export const MANAGE: readonly ['https://www.googleapis.com/auth/youtube.force-ssl'] = [
  'https://www.googleapis.com/auth/youtube.force-ssl',
];

/** What reading the levels of members needs. */
export const MEMBERS: readonly [
  'https://www.googleapis.com/auth/youtube.channel-memberships.creator',
] = ['https://www.googleapis.com/auth/youtube.channel-memberships.creator'];
