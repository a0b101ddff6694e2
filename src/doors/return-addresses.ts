import { Inject, Injectable } from '@nestjs/common';
import { refuse } from '../actions/door-refusal.js';
import { CONFIG, type Config, readPublicUrl } from '../config/config.js';

/** Where people may be sent back to: to the gateway itself, and to the origins of CONNECT_RETURN_ORIGINS. */
@Injectable()
export class ReturnAddresses {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** The whole address. @throws DoorRefusal for one that people are not sent to */
  require(address: string): string {
    const url = this.#read(address);
    if (url) return url.href;
    throw refuse.malformed(
      'return_to must be a path of this gateway such as /console/accounts, or lie at an origin that CONNECT_RETURN_ORIGINS names',
    );
  }

  /** An address with what came of it; undefined where people are not sent there any more. */
  complete(address: string, results: Readonly<Record<string, string>>): string | undefined {
    const url = this.#read(address);
    if (!url) return undefined;
    for (const [name, value] of Object.entries(results)) url.searchParams.set(name, value);
    return url.href;
  }

  #read(address: string): URL | undefined {
    const own = readPublicUrl(this.config);
    if (!URL.canParse(address, own)) return undefined;
    const url = new URL(address, own);
    const isOwn = url.origin === new URL(own).origin;
    const isNamed = this.config.connectReturnOrigins.includes(url.origin);
    const isPlain = url.username === '' && url.password === '';
    return isPlain && (isOwn || isNamed) ? url : undefined;
  }
}
