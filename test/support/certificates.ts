import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

cryptoProvider.set(webcrypto as unknown as Parameters<typeof cryptoProvider.set>[0]);

const KEYS = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

/** A certificate and its key, as PEM and as files. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** An authority made for a test, and the folder of what it signs. */
export class TestAuthority {
  readonly #serials = new Set<string>();

  private constructor(
    readonly folder: string,
    /** What whoever trusts it is given. */
    readonly ca: TestCertificate,
    private readonly certificate: X509Certificate,
    private readonly keys: webcrypto.CryptoKeyPair,
  ) {}

  static async make(name = 'authority'): Promise<TestAuthority> {
    const folder = await mkdtemp(join(tmpdir(), 'gateway-certificates-'));
    const keys = await makeKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}`,
      serialNumber: '01',
      notBefore: new Date(Date.now() - 2 * DAY_MS),
      notAfter: new Date(Date.now() + 2 * DAY_MS),
      keys,
      signingAlgorithm: KEYS,
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    });
    const ca = await writePair(folder, name, certificate, keys);
    return new TestAuthority(folder, ca, certificate, keys);
  }

  /** A certificate for localhost, good for servers and clients alike. Of the same name, it is written over. */
  async sign(name: string, { isExpired = false } = {}): Promise<TestCertificate> {
    const keys = await makeKeys();
    const serialNumber = (this.#serials.size + 16).toString(16);
    this.#serials.add(serialNumber);
    const certificate = await X509CertificateGenerator.create({
      subject: `CN=${name}`,
      issuer: this.certificate.subject,
      serialNumber,
      notBefore: new Date(Date.now() - 2 * DAY_MS),
      notAfter: new Date(Date.now() + (isExpired ? -DAY_MS : DAY_MS)),
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: KEYS,
      extensions: [
        new SubjectAlternativeNameExtension([
          { type: 'dns', value: 'localhost' },
          { type: 'ip', value: '127.0.0.1' },
        ]),
      ],
    });
    return writePair(this.folder, name, certificate, keys);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEYS, true, [
    'sign',
    'verify',
  ]) as Promise<webcrypto.CryptoKeyPair>;
}

async function writePair(
  folder: string,
  name: string,
  certificate: X509Certificate,
  { privateKey }: webcrypto.CryptoKeyPair,
): Promise<TestCertificate> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', privateKey as never);
  const made = {
    cert: certificate.toString('pem'),
    key: PemConverter.encode(pkcs8, PemConverter.PrivateKeyTag),
    certFile: join(folder, `${name}.crt`),
    keyFile: join(folder, `${name}.key`),
  };
  await writeFile(made.certFile, made.cert);
  await writeFile(made.keyFile, made.key);
  return made;
}
