import type { Http2Server, ServerHttp2Session } from 'node:http2';
import type { Server, ServerInterceptor } from '@grpc/grpc-js';

type Http2Servers = ReadonlyMap<
  Http2Server,
  { readonly sessions: ReadonlySet<ServerHttp2Session> }
>;

/**
 * The HTTP/2 servers below a server of grpc-js, each with its sessions. grpc-js has no setting for the number
 * of connections, and without channelz it forgets to end its sessions in `forceShutdown`.
 * `test/pure/vendor.test.ts` notices if a new version moves them.
 */
export function findHttp2Servers(server: Server): Http2Servers {
  const { http2Servers } = server as unknown as { readonly http2Servers?: Http2Servers };
  if (!http2Servers) throw new Error('grpc-js keeps its HTTP/2 servers elsewhere in this version');
  return http2Servers;
}

/**
 * Interceptors as a part of `channelOptions`. Nest hands these options to the constructor of the server,
 * whose options know interceptors; Nest itself has no option for them.
 */
export function passInterceptors(interceptors: readonly ServerInterceptor[]): object {
  return { interceptors };
}
