import ipaddr from 'ipaddr.js';

/** Proxies that requests to the internet go through, as HTTP_PROXY, HTTPS_PROXY and NO_PROXY have them. */
export interface ProxySettings {
  /** For http: addresses. */
  readonly http?: string;
  /** For https: addresses. */
  readonly https?: string;
  /** Hosts that are reached directly. */
  readonly direct: readonly string[];
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** Reads the settings. @param faults gets a sentence for everything that is wrong */
export function readProxySettings(
  given: {
    readonly HTTP_PROXY?: string;
    readonly HTTPS_PROXY?: string;
    readonly NO_PROXY?: string;
  },
  faults: string[],
): ProxySettings | undefined {
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY'] as const) {
    const url = given[name];
    // The address may hold a password, so it is not repeated.
    if (url !== undefined && !(URL.canParse(url) && /^https?:\/\/[^/]/.test(url)))
      faults.push(`${name} must be the URL of an HTTP proxy, such as http://proxy.example:3128`);
  }
  if (given.HTTP_PROXY === undefined && given.HTTPS_PROXY === undefined) return undefined;
  return Object.freeze({
    ...(given.HTTP_PROXY !== undefined && { http: given.HTTP_PROXY }),
    ...(given.HTTPS_PROXY !== undefined && { https: given.HTTPS_PROXY }),
    direct: (given.NO_PROXY ?? '').split(/[\s,]+/).filter((host) => host !== ''),
  });
}

/**
 * The proxy for an address; undefined where it is reached directly. NO_PROXY names hosts (with those
 * below them), addresses, ranges such as 10.0.0.0/8, each with a port or without, or * for all.
 */
export function chooseProxy(proxies: ProxySettings | undefined, url: URL): string | undefined {
  const proxy = url.protocol === 'https:' ? proxies?.https : proxies?.http;
  if (proxies === undefined || proxy === undefined) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || DEFAULT_PORTS[url.protocol] || '';
  return proxies.direct.some((entry) => isMatch(entry.toLowerCase(), host, port))
    ? undefined
    : proxy;
}

function isMatch(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [, bracketed, plain = '', wanted] =
    /^(?:\[([^\]]+)\]|([^:]+|[^[]*:[^[]*:[^[]*?))(?::(\d+))?$/.exec(entry) ?? [];
  const name = (bracketed ?? plain).replace(/^\*?\./, '');
  if (name === '' || (wanted !== undefined && wanted !== port)) return false;
  if (ipaddr.isValidCIDR(name)) {
    if (!ipaddr.isValid(host)) return false;
    const address = ipaddr.process(host);
    const [network, bits] = ipaddr.parseCIDR(name);
    return address.kind() === network.kind() && address.match(network, bits);
  }
  return host === name || host.endsWith(`.${name}`);
}
