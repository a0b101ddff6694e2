import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../../callers/caller.js';
import { CONFIG, type Config } from '../../config/config.js';
import { MediaRefusal } from '../contract/media-refusal.js';
import { makeMediaKeyHolder } from '../../callers/identity.js';
import { Callers } from '../../callers/callers.js';
import { CallerTokens } from '../../callers/caller-tokens.js';
import { isSameSecret } from '../../callers/secrets.js';

/** The holder of MEDIA_API_KEY. */
const KEY_HOLDER = makeMediaKeyHolder();

/** Authorizes callers of media: the holder of MEDIA_API_KEY, callers with keys of their own, and tokens. */
@Injectable()
export class MediaCallers {
  constructor(
    private readonly callers: Callers,
    private readonly tokens: CallerTokens,
    @Inject(CONFIG) private readonly settings: Pick<Config, 'MEDIA_API_KEY'>,
  ) {}

  /** @throws MediaRefusal 401 for an unknown caller, 403 for one that lacks the right */
  authorize(headers: Readonly<Record<string, string | string[] | undefined>>): Caller {
    const caller = this.#identify(headers);
    if (!caller) throw new MediaRefusal(401, { message: 'Unauthorized' });
    // Media are not actions: a caller that is narrowed to some actions may not use media.
    if (caller.hasOneOf(['execute_actions']) && caller.reachesAllActionsOf('youtube'))
      return caller;
    throw new MediaRefusal(403, {
      message: `Caller "${caller.name}" may not have media of YouTube`,
    });
  }

  #identify(headers: Readonly<Record<string, string | string[] | undefined>>): Caller | undefined {
    const { 'x-api-key': key, authorization } = headers;
    if (typeof key === 'string') {
      const { MEDIA_API_KEY: known } = this.settings;
      // Both are compared in any case, so that the time reveals nothing.
      const named = this.callers.exchange(key);
      return known !== undefined && isSameSecret(key, known) ? KEY_HOLDER : named;
    }
    if (authorization === undefined) return undefined;
    try {
      return this.tokens.read(authorization);
    } catch {
      return undefined;
    }
  }
}
