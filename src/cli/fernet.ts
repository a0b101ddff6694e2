import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';

const VERSION = 0x80;
const HEAD_BYTES = 1 + 8 + 16;
const MAC_BYTES = 32;
const BLOCK_BYTES = 16;

/**
 * Opens a Fernet token with a key that was derived from a secret as the earlier credential service did it:
 * the SHA-256 of the secret, whose halves sign and encrypt. How old the token is does not matter.
 * @returns the text; undefined for a token that was not made with this secret
 * @see https://github.com/fernet/spec/blob/master/Spec.md
 */
export function openFernet(token: string, secret: string): string | undefined {
  const key = createHash('sha256').update(secret, 'utf8').digest();
  const bytes = Buffer.from(token, 'base64url');
  const body = bytes.subarray(0, -MAC_BYTES);
  const length = body.length - HEAD_BYTES;
  if (bytes[0] !== VERSION || length < BLOCK_BYTES || length % BLOCK_BYTES !== 0) return undefined;
  const mac = createHmac('sha256', key.subarray(0, 16)).update(body).digest();
  if (!timingSafeEqual(mac, bytes.subarray(-MAC_BYTES))) return undefined;
  const iv = body.subarray(9, HEAD_BYTES);
  const decipher = createDecipheriv('aes-128-cbc', key.subarray(16), iv);
  try {
    const text = Buffer.concat([decipher.update(body.subarray(HEAD_BYTES)), decipher.final()]);
    return text.toString('utf8');
  } catch {
    return undefined;
  }
}
