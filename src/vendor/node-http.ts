import type { Socket } from 'node:net';

type Parse = (bytes: Buffer) => void;

/**
 * Takes the parser of node:http off a connection, so that it can be fed in slices. Node.js listens for `data`
 * with it; a new version that consumes sockets otherwise is noticed by `test/pure/vendor.test.ts`.
 * @param feed gets the bytes of the connection in place of the parser
 * @returns the parser; undefined where the connection has none
 */
export function takeParser(socket: Socket, feed: Parse): Parse | undefined {
  const [parse] = socket.listeners('data') as Parse[];
  if (!parse) return undefined;
  // Listening before it is taken off, so that the socket keeps flowing.
  socket.on('data', feed);
  socket.off('data', parse);
  return parse;
}

/** Whether Node.js itself has paused a connection, because the answers fill the buffer of its socket. */
export function isPausedByNode(socket: Socket): boolean {
  const { _paused: isPaused } = socket as { _paused?: boolean };
  return isPaused === true;
}
