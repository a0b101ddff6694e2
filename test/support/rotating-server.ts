import type { Delivery } from '../../src/actions/wire.js';

/** How the server takes a request for new tokens. */
export type ServerWay =
  'done' | 'fails' | 'rotates and fails' | 'is cut' | 'rotates and is cut' | 'is not reached';

/** One refresh token: good until it is used, once. */
export interface Generation {
  /** Which consent of a person it came from. */
  readonly grant: number;
  /** Its place in the order of everything that was issued. */
  readonly order: number;
  /** Requests that arrived with it. */
  calls: number;
  /** Requests or leases that came to no clear end; each may be followed by one more request. */
  excuses: number;
  /** A replica was told that it is worth nothing. */
  wasRefused: boolean;
  isRevoked: boolean;
  /** The refresh token that it was exchanged for. */
  next: Generation | undefined;
  /** The replica that it was answered to. */
  holder: string | undefined;
}

interface Access {
  readonly grant: number;
  readonly order: number;
  isAlive: boolean;
}

/** An OAuth server in the form of Twitch's, whose refresh tokens are good once. */
export class RotatingServer {
  readonly #generations = new Map<string, Generation>();
  readonly #access = new Map<string, Access>();
  /** The one refresh token of each consent that is good. */
  readonly #current = new Map<number, string>();
  #issued = 0;

  /** A person consents. */
  open(): { accessToken: string; refreshToken: string } {
    return this.#issue(this.#current.size + 1);
  }

  /** The person takes every consent back. */
  revoke(): string {
    for (const token of this.#current.values()) this.find(token).isRevoked = true;
    for (const access of this.#access.values()) access.isAlive = false;
    this.#current.forEach((_token, grant) => this.#current.set(grant, ''));
    return `  (${this.#issued} tokens are worth nothing)`;
  }

  end(accessToken: string): void {
    const access = this.#access.get(accessToken);
    if (access) access.isAlive = false;
  }

  accepts(accessToken: string): boolean {
    return this.#access.get(accessToken)?.isAlive ?? false;
  }

  findAccess(accessToken: string): Access | undefined {
    return this.#access.get(accessToken);
  }

  find(refreshToken: string): Generation {
    const generation = this.#generations.get(refreshToken);
    if (!generation) throw new Error('a refresh token that was never issued');
    return generation;
  }

  isGood(generation: Generation): boolean {
    const current = this.#current.get(generation.grant);
    return current !== undefined && this.#generations.get(current) === generation;
  }

  generations(): Iterable<[string, Generation]> {
    return this.#generations;
  }

  excuse(refreshToken: string): void {
    this.find(refreshToken).excuses += 1;
  }

  receive(refreshToken: string, way: ServerWay): Delivery {
    if (way === 'is not reached') return { kind: 'unsent', reason: 'refused' };
    const generation = this.find(refreshToken);
    generation.calls += 1;
    if (way === 'is cut') return { kind: 'unanswered', reason: 'cut' };
    if (way === 'fails') return answer(500, { message: 'Internal Server Error' });
    const tokens = this.isGood(generation) ? this.#issue(generation.grant) : undefined;
    if (tokens) generation.next = this.find(tokens.refreshToken);
    if (way === 'rotates and is cut') return { kind: 'unanswered', reason: 'cut' };
    if (way === 'rotates and fails') return answer(500, { message: 'Internal Server Error' });
    if (!tokens) return answer(400, { status: 400, message: 'Invalid refresh token' });
    return answer(200, {
      access_token: tokens.accessToken,
      refresh_token: tokens.refreshToken,
      expires_in: 14_400,
    });
  }

  /** What a replica came to know of its request. */
  noteArrival(refreshToken: string, delivery: Delivery, replica: string): void {
    const generation = this.find(refreshToken);
    const status = delivery.kind === 'answered' ? delivery.answer.status : 0;
    if (status === 200 && generation.next) generation.next.holder = replica;
    if (status === 400) generation.wasRefused = true;
    else if (status !== 200) generation.excuses += 1;
  }

  #issue(grant: number): { accessToken: string; refreshToken: string } {
    this.#issued += 1;
    const order = this.#issued;
    const refreshToken = `refresh-${grant}-${order}`;
    const accessToken = `access-${grant}-${order}`;
    this.#generations.set(refreshToken, {
      grant,
      order,
      calls: 0,
      excuses: 0,
      wasRefused: false,
      isRevoked: false,
      next: undefined,
      holder: undefined,
    });
    this.#access.set(accessToken, { grant, order, isAlive: true });
    this.#current.set(grant, refreshToken);
    return { accessToken, refreshToken };
  }
}

function answer(status: number, body: object): Delivery {
  return { kind: 'answered', answer: { status, headers: {}, body } };
}
