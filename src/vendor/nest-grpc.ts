import type { Server, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';

/**
 * Replaces the handlers that Nest registers with a gRPC server. Nest adds each service by `addService`, with
 * handlers of its own pipeline, and has no option for others.
 * @param server before Nest adds services to it
 */
export function replaceHandlers(
  server: Pick<Server, 'addService'>,
  implement: (service: ServiceDefinition) => UntypedServiceImplementation,
): void {
  const addService = server.addService.bind(server);
  server.addService = (service) => addService(service, implement(service));
}
