/** A no of the media doors: the HTTP status, and the body that callers of the earlier services know. */
export class MediaRefusal extends Error {
  constructor(
    readonly status: number,
    readonly body: Readonly<Record<string, unknown>>,
    readonly retryAfterMs?: number,
  ) {
    super(String(body['message'] ?? body['error']));
    this.name = 'MediaRefusal';
  }
}

/** A limit that is spent, in the form of the earlier downloader. */
export function refuseForNow(message: string, retryAfterMs: number): MediaRefusal {
  const retryAfter = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  return new MediaRefusal(
    429,
    { success: false, error: 'Too many requests', message, retryAfter },
    retryAfterMs,
  );
}

/** A download or question that came to nothing, in the form of the earlier downloader. */
export function failMedia(status: number, error: string, message: string): MediaRefusal {
  const timestamp = new Date().toISOString();
  return new MediaRefusal(status, { success: false, error, message, timestamp });
}
