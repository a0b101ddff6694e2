import type { FastifyInstance } from 'fastify';
import { refuse } from '../../actions/door-refusal.js';

const NULL_SIGN = '\u0000';

/**
 * Refuses addresses whose path or query holds U+0000, which PostgreSQL cannot store or look for.
 * @param instance the Fastify instance below Nest, before its routes are there
 */
export function refuseNullInUrls(instance: FastifyInstance): void {
  instance.addHook('onRequest', (request, _reply, done) => {
    // Nearly every address is done with here: a null sign can only come percent-encoded.
    if (!request.url.includes('%00')) return done();
    const values = {
      ...(request.params as Record<string, unknown>),
      ...(request.query as Record<string, unknown>),
    };
    const found = Object.entries(values).find(([name, value]) =>
      [name, value].flat().some((text) => typeof text === 'string' && text.includes(NULL_SIGN)),
    );
    if (!found) return done();
    const name = found[0].replaceAll(NULL_SIGN, '%00');
    return done(refuse.malformed(`${name} must not contain %00 (the null character)`));
  });
}
