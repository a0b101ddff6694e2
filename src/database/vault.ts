import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

interface VaultKey {
  readonly id: string;
  readonly key: Buffer;
}

const ALGORITHM = 'aes-256-gcm';
/** Said to Node.js, which otherwise takes a tag of four bytes for a whole one. */
const TAG = { authTagLength: 16 };

/**
 * Encrypts what must not be readable in the database. A value is
 * `v1.<key id>.<nonce>.<ciphertext and tag>`, bound to the row and column it belongs to.
 */
export class Vault {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #current: VaultKey;

  /**
   * @param keys the first encrypts, all decrypt
   * @param onSecret is called with every value that is encrypted or decrypted
   */
  constructor(
    keys: readonly VaultKey[],
    private readonly onSecret: (text: string) => void = () => undefined,
  ) {
    const [current] = keys;
    if (!current) throw new Error('The vault needs a key');
    this.#current = current;
    this.#keys = new Map(keys.map(({ id, key }) => [id, key]));
  }

  /** @param place identity of the row and column, such as `accounts/twitch/1001/access_token` */
  encrypt(text: string, place: string): string {
    this.onSecret(text);
    const nonce = randomBytes(12);
    const cipher = createCipheriv(ALGORITHM, this.#current.key, nonce, TAG).setAAD(
      Buffer.from(place),
    );
    const sealed = Buffer.concat([
      cipher.update(text, 'utf8'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return ['v1', this.#current.id, nonce.toString('base64url'), sealed.toString('base64url')].join(
      '.',
    );
  }

  /** The name of the key that encrypts. */
  get currentId(): string {
    return this.#current.id;
  }

  hasKey(id: string): boolean {
    return this.#keys.has(id);
  }

  /** How every value begins that the current key has encrypted. */
  get currentPrefix(): string {
    return `v1.${this.#current.id}.`;
  }

  /** @throws Error when the key is not known, or the value was changed or moved to another place */
  decrypt(value: string, place: string): string {
    const [version, keyId = '', nonce = '', sealedText = ''] = value.split('.');
    const key = this.#keys.get(keyId);
    if (version !== 'v1' || !key) {
      throw new Error(`No key "${keyId}" in TOKEN_ENCRYPTION_KEYS opens the value at ${place}`);
    }
    const sealed = Buffer.from(sealedText, 'base64url');
    const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(nonce, 'base64url'), TAG)
      .setAAD(Buffer.from(place))
      .setAuthTag(sealed.subarray(-TAG.authTagLength));
    // As bytes: asked for a text, the decipher would make a decoder for each value.
    const opened = decipher.update(sealed.subarray(0, -TAG.authTagLength));
    decipher.final();
    const text = opened.toString();
    this.onSecret(text);
    return text;
  }
}
