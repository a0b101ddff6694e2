import type { FastifyInstance } from 'fastify';
import { DoorRefusal, refuse } from '../../actions/door-refusal.js';
import { isUtf8 } from 'node:buffer';
import { OAUTH, OAuthRefusal } from './oauth-refusal.js';

/** The parameters of a request for a token, in the form that RFC 6749 asks for. */
export class TokenForm {
  readonly #values: ReadonlyMap<string, string>;

  /** @throws OAuthRefusal for a parameter that is given twice */
  constructor(text: string) {
    const values = new Map<string, string>();
    for (const [name, value] of new URLSearchParams(text)) {
      if (values.has(name))
        throw new OAuthRefusal('invalid_request', `${name.slice(0, 64)} is given more than once`);
      // RFC 6749 section 3.2: a parameter without a value is one that was left out.
      if (value !== '') values.set(name, value);
    }
    this.#values = values;
  }

  read(name: string): string | undefined {
    return this.#values.get(name);
  }
}

/** Reads forms for the token endpoint. @param instance the Fastify instance below Nest */
export function readTokenForms(instance: FastifyInstance): void {
  instance.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    (request, body: Buffer, done) => {
      if (request.routeOptions.url !== OAUTH.path)
        return done(
          new DoorRefusal(
            'INVALID_ARGUMENT',
            415,
            'Send JSON with "Content-Type: application/json"',
          ),
        );
      if (!isUtf8(body)) return done(refuse.malformed('The body is not valid UTF-8'));
      try {
        return done(null, new TokenForm(body.toString('utf8')));
      } catch (error) {
        return done(error as Error);
      }
    },
  );
}
