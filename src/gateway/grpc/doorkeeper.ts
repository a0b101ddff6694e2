import { type Metadata, type ServerInterceptor, status } from '@grpc/grpc-js';
import type { Caller } from '../../callers/caller.js';
import type { Entrance, Visitor } from '../entrance.js';
import { noteRefusal } from '../refusal-log.js';
import { DoorRefusal } from '../../actions/door-refusal.js';
import { PACKAGE, SERVICE } from './contract.js';
import { listenIn, untouched } from './listen-in.js';
import { nothingSent } from './nothing-sent.js';

const OURS = `/${PACKAGE}.${SERVICE}/`;

/**
 * Refuses calls without a right token by their metadata alone, so that nobody unknown makes the gateway
 * hold messages of theirs.
 */
export function makeDoorkeeper(entrance: Entrance): ServerInterceptor {
  return ({ path }, call) => {
    if (!path.startsWith(OURS)) return untouched(call);
    const onMetadata = (metadata: Metadata): boolean => {
      try {
        enterGrpc(entrance, metadata, call);
        return true;
      } catch (error) {
        if (!(error instanceof DoorRefusal)) throw error;
        noteRefusal(error, metadata.getMap());
        const { grpc, message } = error;
        call.sendStatus({ code: status[grpc], details: message, metadata: nothingSent() });
        return false;
      }
    };
    return listenIn(call, { onMetadata });
  };
}

/** The caller of a gRPC call; read once for each call. @throws DoorRefusal as `Entrance.enter` */
export function enterGrpc(
  entrance: Entrance,
  metadata: Metadata,
  call: { getPeer(): string },
): Caller {
  return entrance.enter(metadata, () => new GrpcVisitor(metadata, call));
}

/** The address of the other end, which gRPC writes with its port: 10.0.0.7:54321, [::1]:54321, ::1:54321. */
export function readPeer(call: { getPeer(): string }): string {
  return call
    .getPeer()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1');
}

/** Read as far as somebody asks: where a right token comes from is of no interest. */
class GrpcVisitor implements Visitor {
  constructor(
    private readonly metadata: Metadata,
    private readonly call: { getPeer(): string },
  ) {}

  get authorization(): unknown {
    return this.metadata.get('authorization')[0];
  }

  get peer(): string {
    return readPeer(this.call);
  }

  get forwardedFor(): string | undefined {
    return this.metadata.get('x-forwarded-for').join(',') || undefined;
  }
}
