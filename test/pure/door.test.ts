// Real: the declarations of every controller, Nest's own decorators, Fastify and Nest's router. Fake: what
// stands behind the door.
import {
  Body,
  Controller,
  type DynamicModule,
  Get,
  Header,
  HttpCode,
  Module,
  Param,
  Post,
  Redirect,
  Render,
  Scope,
  SetMetadata,
  Sse,
  type Type,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  Version,
} from '@nestjs/common';
import { ApplicationConfig, ModuleRef, NestFactory } from '@nestjs/core';
import { GrpcMethod } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication, RouteConfig } from '@nestjs/platform-fastify';
import { describe, expect, it } from 'vitest';
import { buildOpenApi } from '../../src/doors/contracts/openapi.js';
import { loadDialects } from '../../src/app.module.js';
import { listControllers } from '../../src/doors/controllers.js';
import type { Door } from '../../src/doors/door/door.js';
import { requireHonouredMetadata } from '../../src/doors/door/honoured-metadata.js';
import { listRoutes, Route, type RouteRequest, typed } from '../../src/doors/door/route.js';
import { listRpcs, Unary } from '../../src/doors/door/rpc.js';
import { serveRoutes } from '../../src/doors/door/serve-routes.js';
import { serveRpcs } from '../../src/doors/door/serve-rpcs.js';

const DIALECTS = await loadDialects({ ENABLE_MEDIA: false, ENABLE_MCP: true });
const CONTROLLERS = listControllers(DIALECTS);

const DECLARED = {
  method: 'POST',
  path: '/planted',
  tag: 'Operation',
  summary: 'Planted',
  needs: 'public',
  answers: { 200: typed('A text', 'text/plain') },
} as const;

/** A controller with a declared route, and what a decorator adds to it. */
function plant(...decorators: readonly MethodDecorator[]): Type {
  @Controller()
  class Planted {
    @Route(DECLARED)
    handle(_request: unknown): void {}
  }
  const { prototype } = Planted;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'handle') as PropertyDescriptor;
  for (const decorate of decorators) decorate(prototype, 'handle', descriptor);
  return Planted;
}

function plantOnClass(...decorators: readonly ClassDecorator[]): Type {
  const type = plant();
  for (const decorate of decorators) decorate(type);
  return type;
}

function plantArgument(decorator: ParameterDecorator): Type {
  const type = plant();
  decorator(type.prototype as object, 'handle', 0);
  return type;
}

function plantUndeclared(decorator: MethodDecorator): Type {
  @Controller()
  class Planted {
    handle(): void {}
  }
  const { prototype } = Planted;
  decorator(
    prototype,
    'handle',
    Object.getOwnPropertyDescriptor(prototype, 'handle') as PropertyDescriptor,
  );
  return Planted;
}

class Guard {
  canActivate(): boolean {
    return false;
  }
}

class Interceptor {
  intercept(): never {
    throw new Error('Nest calls it for no handler');
  }
}

class Pipe {
  transform(value: unknown): unknown {
    return value;
  }
}

class Filter {
  catch(): void {}
}

const check = (type: Type, application = new ApplicationConfig()): void =>
  requireHonouredMetadata([type], application);

describe('metadata of Nest that the door does not honour', () => {
  it('is not on any controller of ours, and not on a bare declaration', () => {
    expect(() => requireHonouredMetadata(CONTROLLERS, new ApplicationConfig())).not.toThrow();
    expect(() => check(plant())).not.toThrow();
  });

  const planted: readonly (readonly [string, () => Type, RegExp])[] = [
    ['a guard', () => plant(UseGuards(Guard)), /Planted\.handle .*guards.*`needs`/],
    ['an interceptor', () => plant(UseInterceptors(Interceptor)), /interceptors.*Door/],
    ['a pipe', () => plant(UsePipes(Pipe)), /pipes.*`params`, `query` and `body`/],
    ['a filter', () => plant(UseFilters(Filter)), /exceptionFilters.*DoorRefusal/],
    ['a header', () => plant(Header('x-planted', '1')), /headers.*`headers`/],
    ['a status', () => plant(HttpCode(418)), /httpCode.*`answers`/],
    ['a redirect', () => plant(Redirect('/')), /redirect.*`reply`/],
    ['a template', () => plant(Render('page')), /render.*`reply`/],
    ['a version', () => plant(Version('2')), /version.*`path`/],
    ['metadata of our own', () => plant(SetMetadata('planted', 1)), /planted.*leave/],
    ['a parameter', () => plantArgument(Param('id')), /rguments.*`params`, `query` and `body`/],
    ['a body', () => plantArgument(Body()), /rguments.*`params`, `query` and `body`/],
    ['a route without a declaration', () => plantUndeclared(Get('x')), /no declaration.*@Route/],
    ['events without a declaration', () => plantUndeclared(Sse('x')), /no declaration.*@Route/],
    [
      'a method of gRPC without a declaration',
      () => plantUndeclared(GrpcMethod('Planted', 'Handle')),
      /no declaration.*@Unary/,
    ],
    ['a guard of the controller', () => plantOnClass(UseGuards(Guard)), /Planted .*`needs`/],
    ['a prefix of the controller', () => plantOnClass(Controller('below')), /`path`/],
    ['a host', () => plantOnClass(Controller({ host: 'a.example' })), /`path`/],
    ['a version of the controller', () => plantOnClass(Controller({ version: '2' })), /`path`/],
    [
      'a controller for each request',
      () => plantOnClass(Controller({ scope: Scope.REQUEST })),
      /scope.*out of the controller/,
    ],
  ];

  it.each(planted)('is refused at the start: %s', (_name, make, says) => {
    expect(() => check(make())).toThrow(says);
  });

  it('is seen on an inherited handler as well', () => {
    @Controller()
    class Heir extends plant(UseGuards(Guard)) {}
    expect(() => check(Heir)).toThrow(/Heir\.handle/);
  });

  const globals: readonly (readonly [string, (application: ApplicationConfig) => unknown])[] = [
    ['guard', (application) => application.useGlobalGuards(new Guard())],
    ['guard', (application) => application.addGlobalRequestGuard({} as never)],
    ['interceptor', (application) => application.useGlobalInterceptors(new Interceptor())],
    ['interceptor', (application) => application.addGlobalRequestInterceptor({} as never)],
    ['pipe', (application) => application.useGlobalPipes(new Pipe())],
    ['pipe', (application) => application.addGlobalRequestPipe({} as never)],
    ['prefix', (application) => application.setGlobalPrefix('below')],
  ];

  it.each(globals)('is refused for all handlers: a %s (%#)', (name, register) => {
    const application = new ApplicationConfig();
    register(application);
    expect(() => check(plant(), application)).toThrow(`A global ${name} is registered`);
  });
});

/** A house of planted controllers, whose door answers with the name of the handler. */
async function open(
  controllers: readonly Type[],
  declared: readonly Type[] = controllers,
): Promise<NestFastifyApplication> {
  @Module({})
  class Planted {}
  const module: DynamicModule = { module: Planted, controllers: [...controllers] };
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  const door: Pick<Door, 'serveRest'> = {
    serveRest: (route) => (_request, reply) => void reply.send(route.handler),
  };
  const rest = app.getHttpAdapter().getInstance();
  serveRoutes(rest, listRoutes(declared), app.get(ModuleRef), door);
  return app;
}

async function ask(controllers: readonly Type[], declared?: readonly Type[]): Promise<string> {
  const app = await open(controllers, declared);
  try {
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    const { payload } = await app.inject({ method: 'POST', url: '/planted' });
    return payload;
  } finally {
    await app.close();
  }
}

describe('routes that Fastify serves', () => {
  it('go to the door when they are declared', async () => {
    expect(await ask([plant()])).toBe('handle');
  });

  it('are refused at the start when they are not declared', async () => {
    await expect(ask([plant(), plantUndeclared(Get('stray'))])).rejects.toThrow(
      /GET \/stray is served without a declaration: declare it with @Route/,
    );
    await expect(ask([plant()], [])).rejects.toThrow(/without a declaration/);
    await expect(ask([plant(RouteConfig({}))])).rejects.toThrow(/without a declaration/);
  });

  it('are refused at the start when Nest serves them elsewhere', async () => {
    for (const moved of [plant(Post('moved')), plantOnClass(Controller('below'))])
      await expect(ask([moved])).rejects.toThrow(
        /Planted\.handle is declared for POST \/planted and served at POST/,
      );
    await expect(ask([plant(Get('planted'))])).rejects.toThrow(/served at GET \/planted/);
  });

  it('are missed at the start when they are declared and not served', async () => {
    await expect(ask([], [plant()])).rejects.toThrow(/POST \/planted, which is not served/);
  });

  it('are in the contract, each of them, and nothing else is', () => {
    const routes = listRoutes(CONTROLLERS);
    const dialects = DIALECTS.map(({ contract = {} }) => contract);
    const { paths } = buildOpenApi([], routes, { version: '0', dialects });
    const described = Object.entries(paths as Record<string, object>).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const declared = routes.map(
      ({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
    );
    expect(declared.length).toBeGreaterThan(80);
    expect(new Set(declared).size).toBe(declared.length);
    expect(described.toSorted()).toEqual(declared.toSorted());
    expect(new Set(routes.map(({ id }) => id)).size).toBe(routes.length);
  });
});

describe('the type of a handler', () => {
  it('follows from its declaration', () => {
    class Planted {
      // @ts-expect-error -- a public route has no caller
      @Route(DECLARED)
      handle(_request: RouteRequest): void {}
    }
    expect(listRoutes([Planted])).toHaveLength(1);
  });
});

describe('methods of gRPC', () => {
  const SERVICE = 'planted.v1.Planted';

  function makeRpc(method: string): Type {
    class Planted {
      @Unary({ service: SERVICE, method, needs: 'caller' })
      handle(): object {
        return {};
      }
    }
    return Planted;
  }

  /** Adds a service with the methods to a server of which the rest is never used. */
  function add(methods: readonly string[], types: readonly Type[]): object {
    let added: object = {};
    const server = {
      addService: (_service: object, implementation: object) => {
        added = implementation;
      },
    };
    const modules = { get: (type: Type): unknown => new type() } as never;
    const door = { serveUnary: () => () => undefined } as never;
    serveRpcs(server, listRpcs(types), modules, door);
    const definition = methods.map((method) => [method, { path: `/${SERVICE}/${method}` }]);
    server.addService(Object.fromEntries(definition) as object, {});
    return added;
  }

  it('go to the door when they are declared', () => {
    expect(Object.keys(add(['Handle'], [makeRpc('Handle')]))).toEqual(['Handle']);
  });

  it('are refused at the start without a handler', () => {
    expect(() => add(['Handle', 'Other'], [makeRpc('Handle')])).toThrow(
      /planted\.v1\.Planted\/Other has no handler: declare one with @Unary/,
    );
  });

  it('are refused at the start when no .proto file has them', () => {
    expect(() => add(['Handle'], [makeRpc('Handle'), makeRpc('Stray')])).toThrow(
      /Planted\.handle is declared for planted\.v1\.Planted\/Stray, which is not in/,
    );
  });
});
