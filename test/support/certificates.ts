import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files of a certificate that stands for itself: whoever trusts it trusts this one alone. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Makes certificates for 127.0.0.1, and forgets them in the end. */
export async function openCertificates(): Promise<{
  make(name: string): Certificate;
  close(): Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'certificates-'));
  return {
    make(name) {
      const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}-key.pem`)];
      const request =
        'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -addext subjectAltName=IP:127.0.0.1';
      const files = ['-subj', `/CN=${name}`, '-keyout', key, '-out', cert];
      execFileSync('openssl', [...request.split(' '), ...files], { stdio: 'ignore' });
      return { cert, key };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
