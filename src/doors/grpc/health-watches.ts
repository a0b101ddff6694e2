import { type ServerInterceptor, status } from '@grpc/grpc-js';
import { observeCall, passCall } from '../../vendor/grpc-js-observer.js';

const WATCH = '/grpc.health.v1.Health/Watch';

/** Open watches of the health service: streams that stay open until the client ends them. */
export class HealthWatches {
  readonly #enders = new Set<() => void>();

  /** Keeps a list of the open watches. */
  readonly track: ServerInterceptor = ({ path }, call) => {
    if (path !== WATCH) return passCall(call);
    const end = (): void =>
      call.sendStatus({ code: status.UNAVAILABLE, details: 'The gateway is stopping' });
    this.#enders.add(end);
    return observeCall(call, { onCancel: () => this.#enders.delete(end) });
  };

  /** Ends all open watches: they would keep a stopping server waiting. */
  end(): void {
    for (const end of this.#enders) end();
    this.#enders.clear();
  }
}
