import { DoorRefusal } from '../../actions/door-refusal.js';

/** Names of the token endpoint of OAuth 2.0 and of its parts. */
export const OAUTH = {
  dialect: 'oauth',
  tag: 'OAuth',
  path: '/oauth/token',
  authorize: '/oauth/token/authorize',
} as const;

/** Codes of RFC 6749 section 5.2 and RFC 8707 section 2 that a request is refused with. */
type OAuthCode =
  | 'invalid_request'
  | 'invalid_scope'
  | 'invalid_target'
  | 'unsupported_grant_type'
  | 'unsupported_response_type';

/** A refusal of the token endpoint, with its code. */
export class OAuthRefusal extends DoorRefusal {
  constructor(
    readonly code: OAuthCode,
    message: string,
  ) {
    super('INVALID_ARGUMENT', 400, message);
  }
}
