import { lookup } from 'node:dns/promises';
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import ipaddr from 'ipaddr.js';
import type { FetchedFile } from '../actions/action.js';
import { ActionFailure } from '../actions/failures.js';
import type { FileStream } from '../actions/upload.js';
import { isOnLoopback } from '../config/listen-address.js';
import { chooseProxy, type ProxySettings } from '../config/proxy.js';
import { openTunnel, secureTunnel } from './tunnel.js';
import { readType, refuseTooLong, RemoteFile } from './remote-file.js';

/** Exceptions from the rules of the guard. Production uses proxies alone. */
export interface EgressOptions {
  /** The sandbox: only these origins may be reached, with any scheme, port and address. The first is the sandbox's. */
  readonly onlyOrigins?: readonly string[];
  /** The sandbox outside production: texts may be posted to this machine, over HTTP and to any port. */
  readonly allowLoopbackPosts?: boolean;
  /** Origins that texts may be posted to, also over HTTP, to any port and inside of the network. */
  readonly receivers?: readonly string[];
  /** The sandbox: the file that is read for addresses of `https://example.com`, which examples use. */
  readonly exampleFiles?: URL;
  /**
   * Proxies for outgoing connections. Addresses are checked here as well, and the proxy gets the checked
   * address instead of the name, which it would resolve again.
   */
  readonly proxies?: ProxySettings;
  /** Tests: plain HTTP and any port are allowed. */
  readonly allowHttp?: boolean;
  /** Tests: which addresses count as public. */
  readonly isOutside?: (address: string) => boolean;
  /** Tests: resolves a name. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

export interface EgressLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Aborts the reading. */
  readonly signal?: AbortSignal;
}

export interface StreamLimits {
  readonly maxBytes: number;
  /** The longest wait for the next bytes of the server. */
  readonly timeoutMs: number;
  /** Aborts the reading. */
  readonly signal: AbortSignal;
}

/** An answer to a request for a file, after all redirects. */
interface FileAnswer {
  readonly url: URL;
  readonly response: IncomingMessage;
}

/** A request other than a plain GET. */
interface GetOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The text to post, and how long the answer may take. */
export interface Posting {
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const CHECK_WITHIN_MS = 5_000;
const MOST_REDIRECTS = 3;
const LONGEST_URL = 2_048;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Connects to addresses from requests. The guard resolves the name, checks every address of it, and connects
 * to a checked address, so that a second answer of the name server changes nothing.
 */
export class EgressGuard {
  constructor(private readonly options: EgressOptions = {}) {}

  /**
   * Reads a whole file.
   * @throws ActionFailure INVALID_INPUT if the file must not or cannot be read, PLATFORM_DOWN if a later try may succeed
   */
  async fetch(
    address: string,
    { maxBytes, timeoutMs, signal }: EgressLimits,
  ): Promise<FetchedFile> {
    const overdue = AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs)));
    const either = signal ? AbortSignal.any([signal, overdue]) : overdue;
    return this.#readFile(await this.#follow(address, either), maxBytes);
  }

  /**
   * Opens a file as a stream, which continues after a broken connection.
   * @throws ActionFailure INVALID_INPUT if the file must not or cannot be read, PLATFORM_DOWN if a later try may succeed
   */
  async open(address: string, { maxBytes, timeoutMs, signal }: StreamLimits): Promise<FileStream> {
    const ask = async (headers: Readonly<Record<string, string>>): Promise<IncomingMessage> => {
      const overdue = new AbortController();
      const timer = setTimeout(() => overdue.abort(), timeoutMs);
      try {
        const either = AbortSignal.any([signal, overdue.signal]);
        return (await this.#follow(address, either, headers)).response;
      } finally {
        // The head came in time; the reader sets the time for the rest.
        clearTimeout(timer);
      }
    };
    const { hostname } = this.#read(address);
    const response = await ask({});
    requireFile(hostname, response, maxBytes);
    return new RemoteFile({ host: hostname, ask, maxBytes, timeoutMs }, response);
  }

  /** Requests a file and follows redirects; each address is checked. */
  async #follow(
    address: string,
    signal: AbortSignal,
    options: Readonly<Record<string, string>> = {},
  ): Promise<FileAnswer> {
    let url = this.#read(address);
    for (let redirects = 0; ; redirects += 1) {
      const response = await this.#get(url, signal, { headers: options });
      const { statusCode: status = 0, headers } = response;
      if (!REDIRECTS.has(status)) return { url, response };
      response.destroy();
      if (redirects >= MOST_REDIRECTS)
        throw refuse(`${url.hostname} redirects more than ${MOST_REDIRECTS} times`);
      if (headers.location === undefined) throw refuse(`${url.hostname} redirects to nowhere`);
      url = this.#read(headers.location, url);
    }
  }

  /** @throws ActionFailure INVALID_INPUT if nothing may be posted to the address */
  async check(address: string): Promise<void> {
    const url = this.#readReceiver(address) ?? this.#read(address);
    await this.#findAddresses(url, AbortSignal.timeout(CHECK_WITHIN_MS), this.#isReceiver(url));
  }

  /**
   * Posts a text. Redirects are not followed.
   * @returns the HTTP status of the answer
   * @throws ActionFailure INVALID_INPUT if the address is not allowed, PLATFORM_DOWN without an answer
   */
  async post(address: string, { timeoutMs, headers, body }: Posting): Promise<number> {
    const request = { method: 'POST', headers, body };
    const url = this.#readReceiver(address) ?? this.#read(address);
    const response = await this.#get(url, AbortSignal.timeout(timeoutMs), request);
    response.destroy();
    return response.statusCode ?? 0;
  }

  /** An address that texts may be posted to by an exception from the rules; otherwise undefined. */
  #readReceiver(address: string): URL | undefined {
    if (address.length > LONGEST_URL || !URL.canParse(address)) return undefined;
    const url = new URL(address);
    if (url.username !== '' || url.password !== '') return undefined;
    const isThisMachine =
      this.options.allowLoopbackPosts === true && url.protocol === 'http:' && isOnLoopback(url);
    return isThisMachine || this.#isReceiver(url) ? url : undefined;
  }

  #isReceiver({ origin }: URL): boolean {
    return this.options.receivers?.includes(origin) ?? false;
  }

  /** @throws ActionFailure INVALID_INPUT if the rules do not allow the form of the address */
  #read(address: string, from?: URL): URL {
    if (address.length > LONGEST_URL) throw refuse('The address is too long');
    const url = URL.canParse(address, from?.href) ? new URL(address, from) : undefined;
    if (!url) throw refuse('The address is not a URL');
    const { onlyOrigins, exampleFiles, allowHttp = false } = this.options;
    if (url.username !== '' || url.password !== '')
      throw refuse('The address must not hold a user name');
    if (onlyOrigins !== undefined) {
      if (onlyOrigins.includes(url.origin)) return url;
      if (exampleFiles && url.origin === EXAMPLE_ORIGIN) return standIn(url, exampleFiles);
      throw refuse(
        `In the sandbox only addresses below ${onlyOrigins[0]}/sandbox can be reached${this.options.allowLoopbackPosts ? ', and by callbacks also http://localhost, http://127.0.0.1 and http://[::1], any port' : ''}`,
      );
    }
    if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:'))
      throw refuse('The address must begin with https://');
    if (url.port !== '' && !allowHttp) throw refuse('The address must not name a port');
    return url;
  }

  /** Connects to a checked address. @returns the head of the answer */
  async #get(url: URL, signal: AbortSignal, options: GetOptions = {}): Promise<IncomingMessage> {
    const mayBeInside = options.method === 'POST' && this.#isReceiver(url);
    const addresses = await this.#findAddresses(url, signal, mayBeInside);
    // Pins the connection to the checked address: the name may resolve to another one by now.
    const pinned: LookupFunction = (_host, { all }, done) => {
      const found = addresses.map((address) => ({ address, family: isIP(address) }));
      if (all) done(null, found);
      else done(null, found[0]?.address ?? '', found[0]?.family);
    };
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const tunnel = await this.#openTunnel(url, addresses, signal);
    return new Promise((resolve, reject) => {
      const request: ClientRequest = send(
        url,
        {
          ...(tunnel ? { createConnection: () => tunnel } : { lookup: pinned, agent: false }),
          signal,
          method: options.method ?? 'GET',
          headers: {
            'user-agent': 'action-gateway',
            'accept-encoding': 'identity',
            ...options.headers,
          },
        },
        resolve,
      );
      request.on('error', (error) => reject(describeFault(url, error, signal)));
      request.end(options.body);
    });
  }

  /** The connection through the proxy to a checked address; undefined without a proxy. */
  async #openTunnel(
    url: URL,
    addresses: readonly string[],
    signal: AbortSignal,
  ): Promise<Duplex | undefined> {
    const proxy = chooseProxy(this.options.proxies, url);
    if (proxy === undefined) return undefined;
    const isSecure = url.protocol === 'https:';
    // A proxy takes one address: every proxy reaches IPv4.
    const [host = ''] = addresses.toSorted((a, b) => isIP(a) - isIP(b));
    const port = Number(url.port || (isSecure ? 443 : 80));
    try {
      const socket = await openTunnel(proxy, { host, port }, signal);
      return isSecure ? secureTunnel(socket, url.hostname.replace(/^\[|\]$/g, '')) : socket;
    } catch (error) {
      throw describeFault(url, error as Error, signal);
    }
  }

  /** @throws ActionFailure INVALID_INPUT if any address of the host is not public */
  async #findAddresses(
    { hostname }: URL,
    signal: AbortSignal,
    mayBeInside: boolean,
  ): Promise<readonly string[]> {
    const host = hostname.replace(/^\[|\]$/g, '');
    const { onlyOrigins, isOutside = isPublicAddress, resolve = resolveName } = this.options;
    let addresses: readonly string[];
    try {
      addresses = isIP(host) ? [host] : await raceAbort(resolve(host), signal);
    } catch {
      throw refuse(`${host} cannot be found`);
    }
    if (addresses.length === 0) throw refuse(`${host} cannot be found`);
    if (onlyOrigins === undefined && !mayBeInside && !addresses.every(isOutside))
      throw refuse(`${host} is no address on the public internet`);
    return addresses;
  }

  async #readFile({ url, response }: FileAnswer, maxBytes: number): Promise<FetchedFile> {
    requireFile(url.hostname, response, maxBytes);
    const announced = Number(response.headers['content-length'] ?? maxBytes);
    // Filled in place: a list of pieces would have to be copied. Unwritten parts take no memory.
    let bytes = new Uint8Array(new ArrayBuffer(0));
    let size = 0;
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        if (size + chunk.length > maxBytes) throw refuseTooLong(url.hostname, maxBytes);
        if (size === 0) bytes = allocate(Math.max(chunk.length, Math.min(announced, maxBytes)));
        bytes.set(chunk, size);
        size += chunk.length;
      }
    } catch (error) {
      response.destroy();
      if (error instanceof ActionFailure) throw error;
      throw new ActionFailure('PLATFORM_DOWN', `${url.hostname} did not send the whole file`);
    }
    return {
      bytes: bytes.subarray(0, size),
      type: readType(response),
      isKnown: true,
    };
  }
}

/** Whether a name is reserved for examples. @see https://www.rfc-editor.org/rfc/rfc2606 */
const EXAMPLE_ORIGIN = 'https://example.com';
const EXAMPLE_TYPES: Readonly<Record<string, string>> = {
  mp4: 'video/mp4',
  png: 'image/png',
  jpg: 'image/jpeg',
};

/** The file of the sandbox in place of an example's file. */
function standIn({ pathname }: URL, files: URL): URL {
  const url = new URL(files);
  const type = EXAMPLE_TYPES[pathname.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
  url.search = new URLSearchParams({
    bytes: '65536',
    seed: pathname.replaceAll(/\W/g, '').slice(0, 64) || 'file',
    type,
  }).toString();
  return url;
}

/** Memory that is not zeroed, so that unwritten parts take none. */
function allocate(bytes: number): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(bytes);
  return new Uint8Array(buffer, byteOffset, bytes);
}

/** @throws ActionFailure if the answer is not a file, or the file is too long */
function requireFile(host: string, response: IncomingMessage, maxBytes: number): void {
  const { statusCode = 0, headers } = response;
  if (statusCode === 200 && Number(headers['content-length'] ?? 0) <= maxBytes) return;
  response.destroy();
  if (statusCode === 200) throw refuseTooLong(host, maxBytes);
  if (statusCode >= 500 || statusCode === 429)
    throw new ActionFailure('PLATFORM_DOWN', `${host} answered ${statusCode}`);
  throw refuse(`${host} answered ${statusCode}`);
}

async function resolveName(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);
}

/** Name resolution cannot be aborted; this stops waiting for it. */
async function raceAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    }),
  ]);
}

/**
 * Addresses of the public ranges that lead to the machine's own cloud: the platform channel of Azure.
 * @see https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
 */
const LEADS_INSIDE: ReadonlySet<string> = new Set(['168.63.129.16']);

/** Whether an address is one of the public internet, also through IPv6 forms that lead to IPv4. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address instanceof ipaddr.IPv4)
    return address.range() === 'unicast' && !LEADS_INSIDE.has(address.toString());
  // Only 2000::/3 is allocated; 6to4, Teredo, NAT64 and mapped addresses are separate classes.
  const isGivenOut = ((address.parts[0] ?? 0) & 0xe000) === 0x2000;
  return isGivenOut && address.range() === 'unicast';
}

function describeFault(url: URL, error: Error, signal: AbortSignal): ActionFailure {
  const code = signal.aborted ? 'ETIMEDOUT' : ((error as NodeJS.ErrnoException).code ?? error.name);
  return new ActionFailure('PLATFORM_DOWN', `${url.hostname} gave no answer (${code})`);
}

function refuse(message: string): ActionFailure {
  return new ActionFailure('INVALID_INPUT', message);
}
