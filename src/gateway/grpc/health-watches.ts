import {
  type ServerInterceptor,
  ServerInterceptingCall,
  ServerListenerBuilder,
  status,
} from '@grpc/grpc-js';

const WATCH = '/grpc.health.v1.Health/Watch';

/** Watches of our health, which stay open for as long as somebody watches. */
export class HealthWatches {
  readonly #enders = new Set<() => void>();

  /** Keeps account of the watches that are open. */
  readonly note: ServerInterceptor = ({ path }, call) => {
    if (path !== WATCH) return new ServerInterceptingCall(call);
    const end = (): void =>
      call.sendStatus({ code: status.UNAVAILABLE, details: 'The gateway is stopping' });
    this.#enders.add(end);
    const listener = new ServerListenerBuilder()
      .withOnCancel(() => this.#enders.delete(end))
      .build();
    return new ServerInterceptingCall(call, { start: (next) => next(listener) });
  };

  /** Ends them: they would keep a stopping server waiting. */
  end(): void {
    for (const end of this.#enders) end();
    this.#enders.clear();
  }
}
