import { isIP, isIPv6 } from 'node:net';

const WILDCARDS = new Set(['', '0.0.0.0', '::']);

/** An address as sockets take it: "[::1]" is written ::1. */
export function readListenAddress(text: string): string {
  return text.trim().replace(/^\[(.*)\]$/, '$1');
}

/** Host and port as one text, such as 10.0.0.7:80 and [::1]:80. */
export function joinHostAndPort(host: string, port: number): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** The host to write in a URL for a person on this machine, where a door listens on `host`. */
export function chooseLocalHost(host: string | undefined): string {
  if (host === undefined || WILDCARDS.has(host) || host.startsWith('127.')) return 'localhost';
  return isIPv6(host) ? `[${host}]` : host;
}

/** The addresses at which a process on this machine finds a door that listens on `host`, best first. */
export function listLocalAddresses(host: string | undefined): readonly string[] {
  if (host === undefined || host === '' || host === '::') return ['127.0.0.1', '::1'];
  return host === '0.0.0.0' ? ['127.0.0.1'] : [host];
}

/** Hosts that are this machine, as `URL.hostname` has them. */
const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Whether a URL leads to this machine. */
export function isOnLoopback({ hostname }: URL): boolean {
  return LOOPBACK_HOSTS.has(hostname);
}

/** Whether a text has the form of an IP address or of a host name. */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^(?!.*\.\.)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(text);
}
