import { Inject, Injectable } from '@nestjs/common';
import { parse, serialize } from 'cookie';
import { CONFIG, type Config, readPublicUrl } from '../config/config.js';

const NAME = 'action_gateway_link';
const SECRET = /^[A-Za-z0-9_-]{43}$/;
/** As long as a platform may keep a person. */
const SECONDS = 3_600;

/** Remembers the link by which a person went to a platform, so that a failure can offer it again. */
@Injectable()
export class ConnectCookie {
  readonly #isSecure: boolean;

  constructor(@Inject(CONFIG) config: Pick<Config, 'tls'> & Parameters<typeof readPublicUrl>[0]) {
    this.#isSecure = config.tls.rest !== undefined || /^https:/i.test(readPublicUrl(config));
  }

  /** The secret of the link; undefined for none. */
  read(header: string | undefined): string | undefined {
    const secret = header === undefined ? undefined : parse(header)[NAME];
    return secret !== undefined && SECRET.test(secret) ? secret : undefined;
  }

  /** The `Set-Cookie` header at the start of the way to the platform, whose site sends the person back. */
  write(secret: string): string {
    return this.#serialize(secret, SECONDS);
  }

  /** The `Set-Cookie` header at its end. */
  remove(): string {
    return this.#serialize('', 0);
  }

  #serialize(value: string, maxAge: number): string {
    return serialize(NAME, value, {
      path: '/oauth',
      httpOnly: true,
      sameSite: 'lax',
      secure: this.#isSecure,
      maxAge,
    });
  }
}
