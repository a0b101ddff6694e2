import { Controller, Inject, type Type } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';
import { StartFault } from '../../config/start-fault.js';
import { listRoutes, Route } from './route.js';
import { listRpcs } from './rpc.js';

/** What a controller and its handlers carry when they say nothing but what the door honours. */
@Controller()
class Bare {
  constructor(@Inject('nothing') readonly nothing: unknown) {}

  @Route({
    method: 'GET',
    path: '/',
    tag: 'Operation',
    summary: '',
    needs: 'public',
    perMinute: 1,
    answers: {},
  })
  handle(): void {}
}

const ON_HANDLER = new Set(Reflect.getMetadataKeys(Bare.prototype.handle));
const ON_CONTROLLER: ReadonlyMap<unknown, unknown> = new Map(
  Reflect.getMetadataKeys(Bare).map((key: unknown) => [key, Reflect.getMetadata(key, Bare)]),
);
/** Of what the container needs to make a controller; it differs from one to the other. */
const INJECTION = /paramtypes|properties_metadata/;

/** Where a declaration says what a decorator of Nest says. */
const REMEDIES: readonly (readonly [key: RegExp, mend: string])[] = [
  [/guards/i, 'name the permissions in `needs`'],
  [/interceptors/i, 'put it into the handler, or into Door for all routes'],
  [/pipes|arguments|paramtypes/i, 'declare `params`, `query` and `body`, and take the one request'],
  [/exceptionFilters/i, 'throw a DoorRefusal'],
  [/headers/i, 'name the headers in `headers`'],
  [/httpCode/i, 'make the status the first of `answers`'],
  [/redirect|render|sse/i, 'send the answer with `reply`'],
  [/scope/i, 'keep what belongs to one request out of the controller'],
  [/path|host|version/i, 'write the whole address in `path`'],
];

/**
 * Requires that controllers carry no metadata of Nest that `Door` would not honour: a guard, pipe or header
 * that is silently skipped is worse than none.
 * @param application where Nest keeps what was registered for all handlers
 * @throws StartFault naming the handler and the mend
 */
export function requireHonouredMetadata(
  controllers: readonly Type[],
  application: ApplicationConfig,
): void {
  requireNoGlobals(application);
  for (const controller of controllers) {
    requireBareController(controller);
    const declared = new Set(
      [...listRoutes([controller]), ...listRpcs([controller])].map(({ handler }) => handler),
    );
    for (const [name, handler] of listMethods(controller))
      requireBareHandler(controller, name, handler, declared.has(name));
  }
}

function requireBareController(controller: Type): void {
  for (const key of Reflect.getMetadataKeys(controller) as unknown[]) {
    if (INJECTION.test(String(key))) continue;
    const isBare =
      ON_CONTROLLER.has(key) &&
      isSame(Reflect.getMetadata(key, controller), ON_CONTROLLER.get(key));
    if (!isBare) refuseMetadata(controller.name, key);
  }
}

function requireBareHandler(
  controller: Type,
  name: string,
  handler: object,
  isDeclared: boolean,
): void {
  const place = `${controller.name}.${name}`;
  const keys: unknown[] = Reflect.getMetadataKeys(handler);
  if (!isDeclared && keys.length > 0)
    throw new StartFault(
      `${place} carries metadata of Nest (${keys.map(String).join(', ')}) and no declaration: declare it with @Route, @Unary, @Stream or @Watch`,
    );
  const more = keys.find((key) => !ON_HANDLER.has(key));
  if (more !== undefined) refuseMetadata(place, more);
  const [ofArguments] = Reflect.getMetadataKeys(controller, name) as unknown[];
  if (ofArguments !== undefined) refuseMetadata(place, ofArguments);
}

function refuseMetadata(place: string, key: unknown): never {
  const [, mend = 'leave the decorator out'] =
    REMEDIES.find(([pattern]) => pattern.test(String(key))) ?? [];
  throw new StartFault(
    `${place} carries metadata of Nest (${String(key)}) that the door does not honour: ${mend}`,
  );
}

function requireNoGlobals(application: ApplicationConfig): void {
  const kinds = {
    guard: [...application.getGlobalGuards(), ...application.getGlobalRequestGuards()],
    interceptor: [
      ...application.getGlobalInterceptors(),
      ...application.getGlobalRequestInterceptors(),
    ],
    pipe: [...application.getGlobalPipes(), ...application.getGlobalRequestPipes()],
    prefix: application.getGlobalPrefix() === '' ? [] : [application.getGlobalPrefix()],
  };
  const found = Object.entries(kinds).find(([, registered]) => registered.length > 0);
  if (found)
    throw new StartFault(
      `A global ${found[0]} is registered with Nest, which the door does not honour: put what it does into Door`,
    );
}

/** The methods of a controller and of the classes that it extends. */
function listMethods(controller: Type): readonly (readonly [string, object])[] {
  const methods = new Map<string, object>();
  for (
    let prototype = controller.prototype as object | null;
    prototype !== null && prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype) as object | null
  )
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const { value } = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
      if (name !== 'constructor' && typeof value === 'function' && !methods.has(name))
        methods.set(name, value as object);
    }
  return [...methods];
}

function isSame(one: unknown, other: unknown): boolean {
  // Nest writes no options either as nothing or as an empty object.
  return JSON.stringify(one ?? {}) === JSON.stringify(other ?? {});
}
