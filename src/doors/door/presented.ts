import type { PresentedCredentials, RequestHead } from './dialect.js';

/** Metadata of a gRPC call. */
interface MetadataLike {
  get(name: string): unknown[];
}

/** What a REST request presents. The address is that of the connection: a header may say anything. */
export function presentRest({ headers, raw }: RequestHead): PresentedCredentials {
  return {
    read: (name) => readText(headers[name]),
    peer: raw.socket.remoteAddress ?? '',
  };
}

/** What a gRPC call presents. @param message left out before it has been read */
export function presentRpc(
  metadata: MetadataLike,
  call: { getPeer(): string },
  message?: unknown,
): PresentedCredentials {
  return {
    read: (name) => readText(metadata.get(name)[0]),
    peer: readPeer(call),
    message,
  };
}

/** The address of the other end, which gRPC writes with its port: 10.0.0.7:54321, [::1]:54321, ::1:54321. */
export function readPeer(call: { getPeer(): string }): string {
  return call
    .getPeer()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1');
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
