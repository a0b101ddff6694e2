import { type ServerInterceptor, status } from '@grpc/grpc-js';
import { listenIn, untouched } from './listen-in.js';

const WATCH = '/grpc.health.v1.Health/Watch';

/** Watches of our health, which stay open for as long as somebody watches. */
export class HealthWatches {
  readonly #enders = new Set<() => void>();

  /** Keeps account of the watches that are open. */
  readonly note: ServerInterceptor = ({ path }, call) => {
    if (path !== WATCH) return untouched(call);
    const end = (): void =>
      call.sendStatus({ code: status.UNAVAILABLE, details: 'The gateway is stopping' });
    this.#enders.add(end);
    return listenIn(call, { onCancel: () => this.#enders.delete(end) });
  };

  /** Ends them: they would keep a stopping server waiting. */
  end(): void {
    for (const end of this.#enders) end();
    this.#enders.clear();
  }
}
