import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server as HttpsServer } from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';
import { ConfigError, type TlsFiles } from '../config/config.js';

/** How often the files are checked for a renewed certificate. */
const CHECK_EVERY_MS = 5_000;
/** In which a connection has to come to terms. */
const HANDSHAKE_MS = 10_000;

type Door = 'GRPC' | 'REST';

/** How a server of Node.js is set up for TLS, beside what its certificate says. */
export interface TlsServerOptions extends SecureContextOptions {
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
  readonly handshakeTimeout: number;
}

/**
 * The certificate of a door. Files that are renewed on disk are taken up without a restart; files that
 * do not fit together leave the certificate before in force, since a renewal writes one after the other.
 */
export class Certificates {
  readonly #listeners: ((context: SecureContextOptions) => void)[] = [];
  #context: SecureContextOptions;
  #refused = '';

  /** @throws ConfigError naming the setting whose file is of no use */
  constructor(
    private readonly door: Door,
    private readonly files: TlsFiles,
    private readonly log: (line: string) => void,
  ) {
    const { context, fault } = readFiles(door, files);
    if (fault !== undefined) throw new ConfigError([fault]);
    this.#context = context;
    // An open timer must not keep a process that has nothing else to do.
    setInterval(() => this.#look(), CHECK_EVERY_MS).unref();
  }

  /** For `createServer` of node:https. */
  get serverOptions(): TlsServerOptions {
    return { ...this.#context, ...this.#demands() };
  }

  /** Hands renewed certificates to a server of node:https. */
  keepNew(server: HttpsServer): void {
    this.#listeners.push((context) => server.setSecureContext(context));
  }

  /** For a server of grpc-js, which takes renewed ones up by itself. */
  makeGrpcCredentials(): ServerCredentials {
    const credentials = new RenewedCredentials(this.#demands(), this.#context);
    this.#listeners.push((context) => credentials.renew(context));
    return credentials;
  }

  #demands(): Pick<TlsServerOptions, 'requestCert' | 'rejectUnauthorized' | 'handshakeTimeout'> {
    const isDemanded = this.files.clientCa !== undefined;
    return {
      requestCert: isDemanded,
      rejectUnauthorized: isDemanded,
      handshakeTimeout: HANDSHAKE_MS,
    };
  }

  #look(): void {
    const { context, fault } = readFiles(this.door, this.files);
    if (fault !== undefined) {
      // Said once for each fault, and not at every look.
      if (fault !== this.#refused) this.log(`${fault}. The certificate of before stays in force`);
      this.#refused = fault;
      return;
    }
    this.#refused = '';
    if (isSame(context, this.#context)) return;
    this.#context = context;
    for (const listener of this.#listeners) listener(context);
    const { validTo } = new X509Certificate(context.cert as Buffer);
    this.log(`The ${this.door} door has taken up a renewed certificate, good until ${validTo}`);
  }
}

/** Credentials whose certificate may become another. */
class RenewedCredentials extends ServerCredentials {
  renew(context: SecureContextOptions): void {
    this.updateSecureContextOptions(context);
  }

  _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

type Read =
  | { readonly context: SecureContextOptions; readonly fault?: undefined }
  | { readonly context?: undefined; readonly fault: string };

/** What is in the files, or the first thing that is wrong with them. */
function readFiles(door: Door, { cert, key, clientCa }: TlsFiles): Read {
  let name = `${door}_TLS_CERT (${cert})`;
  try {
    const chain = readFileSync(cert);
    const certificate = new X509Certificate(chain);
    name = `${door}_TLS_KEY (${key})`;
    const privateKey = readFileSync(key);
    if (!certificate.checkPrivateKey(createPrivateKey(privateKey)))
      return { fault: `${name} is not the key of ${door}_TLS_CERT (${cert})` };
    const context: SecureContextOptions = { cert: chain, key: privateKey, minVersion: 'TLSv1.2' };
    if (clientCa === undefined) {
      createSecureContext(context);
      return { context };
    }
    name = `${door}_TLS_CLIENT_CA (${clientCa})`;
    const ca = readFileSync(clientCa);
    // OpenSSL ignores what is not a certificate, and would then accept no client without an error.
    void new X509Certificate(ca);
    createSecureContext({ ...context, ca });
    return { context: { ...context, ca } };
  } catch (error) {
    return { fault: `${name} cannot be used: ${(error as Error).message}` };
  }
}

function isSame(one: SecureContextOptions, other: SecureContextOptions): boolean {
  return describeContext(one) === describeContext(other);
}

function describeContext({ cert, key, ca }: SecureContextOptions): string {
  return `${cert}\n${key}\n${ca}`;
}
