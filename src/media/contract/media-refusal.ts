import { DoorRefusal } from '../../actions/door-refusal.js';

/** A refusal of a media route: an HTTP status with the body that callers of the earlier services know. */
export class MediaRefusal extends DoorRefusal {
  constructor(
    http: number,
    readonly body: Readonly<Record<string, unknown>>,
    retryAfterMs?: number,
  ) {
    const grpc = http === 401 ? 'UNAUTHENTICATED' : 'FAILED_PRECONDITION';
    super(grpc, http, String(body['message'] ?? body['error']), retryAfterMs);
    this.name = 'MediaRefusal';
  }
}

/** A limit was reached, in the form of the earlier downloader. */
export function refuseForNow(message: string, retryAfterMs: number): MediaRefusal {
  const retryAfter = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  return new MediaRefusal(
    429,
    { success: false, error: 'Too many requests', message, retryAfter },
    retryAfterMs,
  );
}

/** A download or an information request that failed, in the form of the earlier downloader. */
export function failMedia(status: number, error: string, message: string): MediaRefusal {
  const timestamp = new Date().toISOString();
  return new MediaRefusal(status, { success: false, error, message, timestamp });
}
