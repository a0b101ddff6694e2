/**
 * An answer that is given many times. It is framed once, and all answers that wait to be read share the bytes:
 * a copy for each of a thousand would be most of the memory of the process.
 */
export class KeptAnswer {
  #frame: Buffer | undefined;

  constructor(private readonly message: object) {}

  /** @param frame makes the bytes of a message as they are sent */
  toFrame(frame: (message: object) => Buffer): Buffer {
    return (this.#frame ??= frame(this.message));
  }
}
