import { Inject, Injectable } from '@nestjs/common';
import { parse, serialize } from 'cookie';
import { CONFIG, isReachedOverTls } from '../config/config.js';

const NAME = 'action_gateway_link';
const SECRET = /^[A-Za-z0-9_-]{43}$/;
/** As long as a platform may keep a person. */
const SECONDS = 3_600;

/** Remembers the link by which a person went to a platform, so that a failure can offer it again. */
@Injectable()
export class ConnectCookie {
  readonly #isSecure: boolean;

  constructor(@Inject(CONFIG) config: Parameters<typeof isReachedOverTls>[0]) {
    this.#isSecure = isReachedOverTls(config);
  }

  /** The secret of the link; undefined for none. */
  read(header: string | undefined): string | undefined {
    const secret = header === undefined ? undefined : parse(header)[NAME];
    return secret !== undefined && SECRET.test(secret) ? secret : undefined;
  }

  /** The `Set-Cookie` header at the start of the way to the platform, whose site sends the person back. */
  write(secret: string): string {
    return serialize(NAME, secret, {
      path: '/oauth',
      httpOnly: true,
      sameSite: 'lax',
      secure: this.#isSecure,
      maxAge: SECONDS,
    });
  }
}
