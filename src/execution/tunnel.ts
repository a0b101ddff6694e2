import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { joinHostAndPort } from '../config/listen-address.js';
import { chooseProxy, type ProxySettings } from '../config/proxy.js';

/** The error code if a tunnel could not be opened: nothing was sent through it. */
export const PROXY_FAILED = 'PROXY_FAILED';

const TUNNEL_WITHIN_MS = 10_000;

/** The target of a tunnel. */
export interface TunnelEnd {
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * Opens a connection to an address through an HTTP proxy, by CONNECT.
 * @param proxy URL of the proxy, with user name and password if it needs them
 * @throws Error with the code PROXY_FAILED; its message never holds the password
 */
export function openTunnel(
  proxy: string,
  end: TunnelEnd,
  signal: AbortSignal = AbortSignal.timeout(TUNNEL_WITHIN_MS),
): Promise<Socket> {
  const { protocol, hostname, port, username, password, host } = new URL(proxy);
  const target = joinHostAndPort(end.host, end.port);
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const send = protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void =>
      reject(
        Object.assign(new Error(`The proxy ${host} opens no way to ${target}: ${reason}`), {
          code: PROXY_FAILED,
        }),
      );
    send({
      method: 'CONNECT',
      host: hostname.replace(/^\[|\]$/g, ''),
      ...(port !== '' && { port }),
      path: target,
      agent: false,
      signal,
      headers: {
        host: target,
        ...(username !== '' && {
          'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}`,
        }),
      },
    })
      .on('connect', ({ statusCode }, socket, head) => {
        if (statusCode !== 200) {
          socket.destroy();
          return fail(`it answered ${statusCode}`);
        }
        if (head.length > 0) socket.unshift(head);
        resolve(socket as Socket);
      })
      .on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.name))
      .end();
  });
}

/** TLS inside a tunnel, for the name of the target host, not of the proxy. */
export function secureTunnel(
  socket: Socket,
  host: string,
  options: ConnectionOptions = {},
): Duplex {
  // An IP address is not allowed in SNI; the certificate is checked against it nevertheless.
  return connectTls({ ...options, socket, host, ...(isIP(host) === 0 && { servername: host }) });
}

type Created = (error: Error | null, stream: Duplex) => void;

/** The options with which Node.js asks an agent for a connection. */
interface Wanted {
  readonly host?: string | null;
  readonly port?: number | string | null;
}

/** Agents of node:http that connect through the configured proxies. */
export function makeTunnelAgents(
  proxies: ProxySettings,
  options: ConnectionOptions & { keepAlive: boolean; maxSockets: number },
): { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent } {
  const tunnel = (wanted: Wanted, isSecure: boolean, created: Created): boolean => {
    const end = { host: wanted.host ?? '', port: Number(wanted.port) };
    const scheme = isSecure ? 'https' : 'http';
    const proxy = chooseProxy(
      proxies,
      new URL(`${scheme}://${joinHostAndPort(end.host, end.port)}`),
    );
    if (proxy === undefined) return false;
    openTunnel(proxy, end).then(
      (socket) => created(null, isSecure ? secureTunnel(socket, end.host, options) : socket),
      (error: Error) => created(error, undefined as never),
    );
    return true;
  };
  class PlainAgent extends HttpAgent {
    override createConnection(wanted: never, created: Created): never {
      if (tunnel(wanted, false, created)) return undefined as never;
      return super.createConnection(wanted, created) as never;
    }
  }
  class SecureAgent extends HttpsAgent {
    override createConnection(wanted: never, created: Created): never {
      if (tunnel(wanted, true, created)) return undefined as never;
      return super.createConnection(wanted, created) as never;
    }
  }
  return { httpAgent: new PlainAgent(options), httpsAgent: new SecureAgent(options) };
}
