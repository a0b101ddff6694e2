import type { FastifyReply } from 'fastify';
import { ConnectFailure } from '../../accounts/connect-failure.js';
import { DoorRefusal } from '../../actions/door-refusal.js';
import { ActionFailure, FAILURES } from '../../actions/failures.js';

/** The pages load nothing but the gateway's own style; they send nothing and embed nothing. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What became of a person's try to connect an account, in words for people. */
interface PageFailure {
  readonly http: number;
  readonly fault: string;
  readonly reason: string;
  readonly advice: string;
}

/** What the list of links says of an error that the door answers. */
const FAULT = 'The gateway met a fault of its own; try again';

/** Answers with a page for a person. */
export function sendPage(reply: FastifyReply, status: number, page: string): void {
  void reply
    .status(status)
    .header('content-security-policy', PAGE_POLICY)
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(page);
}

/** Why a link did not connect an account, for the list of links. */
export function describeForList(error: unknown): string {
  const isExpected = [ConnectFailure, ActionFailure, DoorRefusal].some(
    (type) => error instanceof type,
  );
  return isExpected ? readFailure(error).reason : FAULT;
}

/** An expected refusal in words for people. @throws every other error, which the door answers */
export function readFailure(error: unknown): PageFailure {
  if (error instanceof ConnectFailure) {
    const { http, fault, message, advice } = error;
    return { http, fault, reason: message, advice };
  }
  if (error instanceof ActionFailure) {
    const { http, retryable } = FAILURES[error.code];
    const advice = retryable
      ? 'Nothing is lost: try again in a moment.'
      : 'Ask the operator of this gateway.';
    return { http, fault: error.code, reason: error.message, advice };
  }
  if (error instanceof DoorRefusal) {
    const advice = 'Open the address without credentials, or with those of the caller who began.';
    return { http: error.http, fault: error.grpc, reason: error.message, advice };
  }
  throw error;
}
