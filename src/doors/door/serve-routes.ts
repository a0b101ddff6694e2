import type { ModuleRef } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { StartFault } from '../../config/start-fault.js';
import type { Door } from './door.js';
import { readRoute, type Route, type RouteRequest } from './route.js';

type Controller = Record<string, (request: RouteRequest) => unknown>;

/**
 * Puts the handlers of declared routes in the place of those that Nest adds to Fastify. The start fails for
 * a route that is served without a declaration, and for a declaration that is not served.
 * @param instance the Fastify instance below Nest, before its routes are there
 * @throws StartFault, from here or from `instance.ready`
 */
export function serveRoutes(
  instance: FastifyInstance,
  routes: readonly Route[],
  modules: Pick<ModuleRef, 'get'>,
  door: Pick<Door, 'serveRest'>,
): void {
  const unserved = new Set(routes);
  instance.addHook('onRoute', (served) => {
    const { url, method, config } = served;
    const route = readRoute(config);
    if (!route || !routes.includes(route))
      throw new StartFault(
        `${String(method)} ${url} is served without a declaration: declare it with @Route in a controller of src/doors/controllers.ts`,
      );
    // Fastify adds HEAD to every GET.
    const isHead = method === 'HEAD' && route.method === 'GET';
    if (url !== route.path || (method !== route.method && !isHead))
      throw new StartFault(
        `${nameHandler(route)} is declared for ${route.method} ${route.path} and served at ${String(method)} ${url}: leave Nest's own decorators for addresses out`,
      );
    unserved.delete(route);
    const controller = modules.get<Controller>(route.type, { strict: false });
    const handle = controller[route.handler] as Controller[string];
    served.handler = door.serveRest(route, handle.bind(controller));
  });
  instance.addHook('onReady', (done) => {
    const [route] = unserved;
    if (!route) return done();
    done(
      new StartFault(
        `${nameHandler(route)} is declared for ${route.method} ${route.path}, which is not served: add its controller to the module`,
      ),
    );
  });
}

function nameHandler({ type, handler }: Route): string {
  return `${type.name}.${handler}`;
}
