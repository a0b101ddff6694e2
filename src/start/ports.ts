import { lookup } from 'node:dns/promises';
import { createServer, isIP } from 'node:net';
import { joinHostAndPort } from '../config/listen-address.js';
import { StartFault } from '../config/start-fault.js';

/** A port that is ours until its door opens. */
export interface ReservedPort {
  readonly port: number;
  release(): Promise<unknown>;
}

/** A port that is wanted, and the setting to change when it cannot be had. */
export interface WantedPort {
  readonly setting: string;
  readonly port: number;
}

/**
 * The address to listen on: the one that is configured, or else every address of this machine, of both
 * families where it has IPv6.
 * @param wanted '' where none is configured
 * @throws StartFault when it is not an address of this machine
 */
export async function chooseHost(wanted: string): Promise<string> {
  if (wanted === '') return (await canListen('::')) ? '::' : '0.0.0.0';
  try {
    const host = isIP(wanted) === 0 ? (await lookup(wanted)).address : wanted;
    await (await listen(host, 0)).release();
    // A name stays one: it may stand for an address of each family.
    return wanted;
  } catch (error) {
    throw new StartFault(describeHostFault(wanted, error as NodeJS.ErrnoException), {
      cause: error,
    });
  }
}

/**
 * Sees that each of the ports can be listened on.
 * @param host as chooseHost gives it
 * @throws StartFault naming the first that cannot
 */
export async function requirePorts(host: string, wanted: readonly WantedPort[]): Promise<void> {
  for (const { setting, port } of wanted) {
    if (port === 0) continue;
    try {
      await (await listen(host, port)).release();
    } catch (error) {
      throw describePortFault({ setting, port }, error);
    }
  }
}

/**
 * Takes a free port for 0, since gRPC's server does not say which one it took. It is held meanwhile:
 * gateways that start at the same time must not find the same one free.
 */
export async function reservePort(host: string, wanted: number): Promise<ReservedPort> {
  return wanted === 0 ? listen(host, 0) : { port: wanted, release: async () => undefined };
}

/** Runs what opens a port. @throws StartFault when the port cannot be had */
export async function openPort<T>(wanted: WantedPort, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw describePortFault(wanted, error);
  }
}

/** The fault of a port as one sentence; any other fault as it is. */
function describePortFault({ setting, port }: WantedPort, error: unknown): unknown {
  const { code = '', message = '' } = error as NodeJS.ErrnoException;
  // grpc-js has the reason in its message only.
  const has = (name: string): boolean => code === name || message.includes(name);
  if (has('EADDRINUSE') || has('address already in use') || has('No address added'))
    return new StartFault(
      `${setting}: port ${port} is taken: stop the program that listens there, or set another port`,
      { cause: error },
    );
  if (has('EACCES'))
    return new StartFault(
      `${setting}: this user may not listen on port ${port}: set a port from 1024 on, or allow it (net.ipv4.ip_unprivileged_port_start)`,
      { cause: error },
    );
  return error;
}

function describeHostFault(host: string, { code = '', message }: NodeJS.ErrnoException): string {
  const mend =
    'set an address of this machine, such as 127.0.0.1, or leave HOST out to listen on all';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `HOST: the name ${host} cannot be found: ${mend}`;
  if (code === 'EADDRNOTAVAIL') return `HOST: ${host} is not an address of this machine: ${mend}`;
  return `HOST: the gateway cannot listen on ${joinHostAndPort(host, 0)} (${message}): ${mend}`;
}

async function canListen(host: string): Promise<boolean> {
  try {
    await (await listen(host, 0)).release();
    return true;
  } catch {
    return false;
  }
}

/** Listens until it is released; connections are closed at once. */
function listen(host: string, port: number): Promise<ReservedPort> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen({ host, port }, () => {
      const { port: taken } = server.address() as { port: number };
      resolve({ port: taken, release: () => new Promise((done) => server.close(done)) });
    });
  });
}
