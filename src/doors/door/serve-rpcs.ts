import type { Server, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { ModuleRef } from '@nestjs/core';
import { StartFault } from '../../config/start-fault.js';
import { replaceHandlers } from '../../vendor/nest-grpc.js';
import type { Door } from './door.js';
import type { Rpc, StreamRequest, UnaryRequest, WatchRequest } from './rpc.js';

type Controller = Record<string, (request: UnaryRequest | StreamRequest | WatchRequest) => unknown>;

/**
 * Puts the handlers of declared methods in the place of those that Nest adds to the server.
 * @param server before Nest adds services to it
 */
export function serveRpcs(
  server: Pick<Server, 'addService'>,
  rpcs: readonly Rpc[],
  modules: Pick<ModuleRef, 'get'>,
  door: Door,
): void {
  replaceHandlers(server, (service) => implement(service, rpcs, modules, door));
}

/** @throws StartFault for a method without a handler, and for a handler without a method */
function implement(
  service: ServiceDefinition,
  rpcs: readonly Rpc[],
  modules: Pick<ModuleRef, 'get'>,
  door: Door,
): UntypedServiceImplementation {
  const methods = Object.entries(service);
  const [, name = ''] = methods[0]?.[1].path.split('/') ?? [];
  const unknown = rpcs.find((rpc) => rpc.service === name && !Object.hasOwn(service, rpc.method));
  if (unknown)
    throw new StartFault(
      `${unknown.type.name}.${unknown.handler} is declared for ${name}/${unknown.method}, which is not in the .proto file: correct its method`,
    );
  return Object.fromEntries(
    methods.map(([method, { requestStream, responseStream }]) => {
      const rpc = rpcs.find((one) => one.service === name && one.method === method);
      if (!rpc)
        throw new StartFault(
          `${name}/${method} has no handler: declare one with @Unary, @Stream or @Watch in a controller of src/doors/controllers.ts`,
        );
      const controller = modules.get<Controller>(rpc.type, { strict: false });
      const handle = (controller[rpc.handler] as Controller[string]).bind(controller);
      return [
        method,
        requestStream || responseStream
          ? door.serveStream(rpc, handle)
          : door.serveUnary(rpc, handle),
      ];
    }),
  );
}
