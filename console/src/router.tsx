import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router';
import { readActionFilters } from './lib/action-filters';
import { NotFound, Shell } from './screens/shell';
import { Today } from './screens/today';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

/** Reads the named texts of an address; ids of digits alone come out of it as numbers. */
const texts =
  <Name extends string>(...names: Name[]) =>
  (search: Record<string, unknown>): { [name in Name]?: string } =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = search[name];
        const isGiven = typeof value === 'number' || (typeof value === 'string' && value !== '');
        return isGiven ? [[name, String(value)]] : [];
      }),
    ) as { [name in Name]?: string };

const routes = [
  createRoute({ getParentRoute: () => root, path: '/', component: Today }),
  createRoute({
    getParentRoute: () => root,
    path: '/accounts',
    component: lazyRouteComponent(() => import('./screens/accounts'), 'Accounts'),
    validateSearch: texts('platform', 'state', 'text'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/accounts/$platform/$account',
    component: lazyRouteComponent(() => import('./screens/account'), 'AccountScreen'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/connect',
    component: lazyRouteComponent(() => import('./screens/connect'), 'Connect'),
    validateSearch: texts('platform', 'account'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/catalogue',
    component: lazyRouteComponent(() => import('./screens/catalogue'), 'CatalogueScreen'),
    validateSearch: texts('text', 'platform', 'effect'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/catalogue/$platform/$action',
    component: lazyRouteComponent(() => import('./screens/try-it'), 'TryIt'),
    validateSearch: texts('account'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/actions',
    component: lazyRouteComponent(() => import('./screens/actions'), 'Actions'),
    validateSearch: readActionFilters,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/actions/$id',
    component: lazyRouteComponent(() => import('./screens/action'), 'ActionScreen'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/queue',
    component: lazyRouteComponent(() => import('./screens/queue'), 'Queue'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/limits',
    component: lazyRouteComponent(() => import('./screens/limits'), 'Limits'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/callbacks',
    component: lazyRouteComponent(() => import('./screens/callbacks'), 'Callbacks'),
    validateSearch: texts('state'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/callers',
    component: lazyRouteComponent(() => import('./screens/callers'), 'Callers'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/flags',
    component: lazyRouteComponent(() => import('./screens/flags'), 'Flags'),
    validateSearch: texts('text'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/events',
    component: lazyRouteComponent(() => import('./screens/events'), 'Events'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/sandbox',
    component: lazyRouteComponent(() => import('./screens/sandbox'), 'Sandbox'),
  }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: '/console',
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
