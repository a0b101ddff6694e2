const PREFIX = 'https://www.googleapis.com/auth/youtube';

export const MANAGE = PREFIX;
export const FORCE_SSL = `${PREFIX}.force-ssl`;
export const UPLOAD = `${PREFIX}.upload`;
export const READ_ONLY = `${PREFIX}.readonly`;
export const CREATOR_MEMBERS = `${PREFIX}.channel-memberships.creator`;

/** Every scope of YouTube's that a person can grant. */
export const YOUTUBE_SCOPES: readonly string[] = [
  MANAGE,
  FORCE_SSL,
  READ_ONLY,
  UPLOAD,
  CREATOR_MEMBERS,
];
