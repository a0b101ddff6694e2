import type { FastifyReply } from 'fastify';
import type { DoorRefusal } from '../../actions/door-refusal.js';
import type { Dialect, DialectDeclaration } from '../../doors/door/dialect.js';
import { MediaRefusal } from './media-refusal.js';

/** Refuses in the form of the earlier toolkit. */
const dialect: Dialect = {
  refuseRest(refusal: DoorRefusal, reply: FastifyReply): void {
    const { http, retryAfterMs } = refusal;
    if (retryAfterMs !== undefined)
      void reply.header('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
    void reply.status(http).send(describe(refusal));
  },
};

function describe(refusal: DoorRefusal): object {
  if (refusal instanceof MediaRefusal) return refusal.body;
  // The earlier toolkit took a body that is not JSON for no body at all.
  return { message: refusal.http === 400 ? 'Missing JSON in request' : refusal.message };
}

/** The dialect of media, on or off: its controllers are what differs. */
export const MEDIA_DIALECT = {
  name: 'media',
  contract: {
    tags: {
      Media:
        "Media of YouTube in the form of the earlier toolkit; switched off unless ENABLE_MEDIA is set, since downloading conflicts with YouTube's terms of service",
    },
    securitySchemes: {
      mediaKey: {
        type: 'apiKey',
        in: 'header',
        name: 'X-API-Key',
        description: 'MEDIA_API_KEY, or the key of a caller with the permission execute_actions',
      },
    },
  },
  make: { useFactory: () => dialect },
} satisfies Partial<DialectDeclaration>;
