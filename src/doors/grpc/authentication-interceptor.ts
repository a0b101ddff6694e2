import { type Metadata, type ServerInterceptor, status } from '@grpc/grpc-js';
import type { Caller } from '../../callers/caller.js';
import type { CallerAuthentication } from '../caller-authentication.js';
import type { Dialects } from '../door/dialects.js';
import { presentRpc, readPeer } from '../door/presented.js';
import { logRefusal } from '../refusal-log.js';
import { DoorRefusal } from '../../actions/door-refusal.js';
import type { CredentialAttempt, WrongCredentials } from '../wrong-credentials.js';
import { type CallBounds, type CallOwner, endAnsweredStream, refuseCall } from './call-bounds.js';
import { SERVICE_NAME } from './contract.js';
import { readCallParts } from '../../vendor/grpc-js-call.js';
import { type InterceptedCall, observeCall } from '../../vendor/grpc-js-observer.js';
import { nothingSent } from './nothing-sent.js';

const OWN_SERVICE_PATH = `/${SERVICE_NAME}/`;
/** Requests of health and reflection: names. */
const OPEN_MESSAGE_BYTES = 4_096;

/** What decides which callers may make this process hold messages. */
export interface AuthenticationParts {
  readonly authentication: CallerAuthentication;
  readonly dialects: Dialects;
  readonly callBounds: CallBounds;
  readonly wrongCredentials: WrongCredentials;
}

/**
 * Refuses calls without a right credential by their metadata alone, on every service that has callers, and
 * bounds what is held for those that it lets through. Health and reflection are open to all, and a dialect
 * may take tokens inside of its messages: their messages are kept small.
 */
export function makeAuthenticationInterceptor(parts: AuthenticationParts): ServerInterceptor {
  return ({ path }, call) => {
    const onMetadata = (metadata: Metadata): boolean => {
      let owner: CallOwner;
      try {
        owner = identifyOwner(parts, path, metadata, call);
      } catch (error) {
        if (!(error instanceof DoorRefusal)) throw error;
        const refusal = parts.wrongCredentials.count(error, () =>
          describeRpcAttempt(path, metadata, call),
        );
        refuseInForm(parts.dialects, call, path, refusal, metadata);
        return false;
      }
      const bytes = owner.unknown ? countMetadataBytes(metadata) : 0;
      return parts.callBounds.open(call, owner, bytes, path);
    };
    return observeCall(call, { onMetadata });
  };
}

/** Who makes a call, by its metadata. @throws DoorRefusal for a credential that is missing or wrong */
function identifyOwner(
  { authentication, dialects }: AuthenticationParts,
  path: string,
  metadata: Metadata,
  call: InterceptedCall,
): CallOwner {
  if (path.startsWith(OWN_SERVICE_PATH))
    return { name: nameOwner(authenticateRpc(authentication, metadata)) };
  const { dialect } = dialects.findByRpc(path) ?? {};
  if (!dialect) return { name: readPeer(call), unknown: { maxMessageBytes: OPEN_MESSAGE_BYTES } };
  if (!dialect.authenticate) return { name: nameOwner(authenticateRpc(authentication, metadata)) };
  try {
    return { name: nameOwner(dialect.authenticate(presentRpc(metadata, call))) };
  } catch (error) {
    const { maxTokenMessageBytes: maxMessageBytes } = dialect;
    // A message may hold the token that the metadata lacks.
    if (!(error instanceof DoorRefusal) || maxMessageBytes === undefined) throw error;
    return { name: readPeer(call), unknown: { maxMessageBytes } };
  }
}

function nameOwner({ identity }: Caller): string {
  return `caller ${identity}`;
}

/** Refuses a call in the form of its service: as a status, or inside of an answer. */
function refuseInForm(
  dialects: Dialects,
  call: InterceptedCall,
  path: string,
  refusal: DoorRefusal,
  metadata: Metadata,
): void {
  logRefusal(refusal, metadata.getMap());
  const { grpc, message } = refusal;
  const found = dialects.findByRpc(path);
  const inside = found?.dialect.refuseRpc?.(found.method, refusal);
  if (!inside) return refuseCall(call, status[grpc], message);
  call.sendMessage(inside, () => {
    call.sendStatus({ code: status.OK, details: 'OK', metadata: nothingSent() });
    endAnsweredStream(readCallParts(call).stream);
  });
}

/** The bytes of metadata, roughly. */
function countMetadataBytes(metadata: Metadata): number {
  let bytes = 0;
  const map = metadata.getMap();
  for (const name in map) bytes += name.length + (map[name]?.length ?? 0);
  return bytes;
}

/** The caller of a gRPC call; read once for each call. @throws DoorRefusal as `CallerAuthentication.authenticate` */
export function authenticateRpc(authentication: CallerAuthentication, metadata: Metadata): Caller {
  return authentication.authenticate(metadata, () => ({
    authorization: metadata.get('authorization')[0],
  }));
}

/** A call that was refused for its credential. */
export function describeRpcAttempt(
  path: string,
  metadata: Metadata,
  call: { getPeer(): string },
): CredentialAttempt {
  const forwardedFor = metadata.get('x-forwarded-for').join(',');
  return {
    door: path,
    authorization: metadata.get('authorization')[0],
    peer: readPeer(call),
    ...(forwardedFor !== '' && { forwardedFor }),
  };
}
