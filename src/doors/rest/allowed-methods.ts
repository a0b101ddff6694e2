import type { FastifyInstance } from 'fastify';
import { DoorRefusal } from '../../actions/door-refusal.js';

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/**
 * Answers 405 with `Allow` where a path is known and the method is not one of it.
 * @param instance the Fastify instance below Nest, before its routes are there
 */
export function refuseOtherMethods(instance: FastifyInstance): void {
  const paths = new Map<string, KnownPath>();
  instance.addHook('onRoute', ({ url, method }) => {
    const known = paths.get(url) ?? { pattern: makePattern(url), methods: new Set() };
    paths.set(url, known);
    for (const name of [method].flat()) known.methods.add(name);
  });
  instance.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const [path = ''] = request.url.split('?', 1);
    const allowed = new Set(
      [...paths.values()]
        .filter(({ pattern }) => pattern.test(path))
        .flatMap(({ methods }) => Array.from(methods)),
    );
    if (allowed.size === 0) return done();
    const list = [...allowed].toSorted().join(', ');
    void reply.header('allow', list);
    done(
      new DoorRefusal('UNIMPLEMENTED', 405, `${request.method} is not offered here: use ${list}`),
    );
  });
}

/** What an address of a route looks like, such as `/api/v1/actions/:action_id`. */
function makePattern(url: string): RegExp {
  const steps = url
    .split('/')
    .map((step) =>
      step.startsWith(':') ? '[^/]+' : step.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
    );
  return new RegExp(`^${steps.join('/')}/?$`);
}
