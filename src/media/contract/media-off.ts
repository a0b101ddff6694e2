import { Controller } from '@nestjs/common';
import type { DialectDeclaration } from '../../doors/door/dialect.js';
import { Route } from '../../doors/door/route.js';
import { MEDIA_DIALECT } from './media-dialect.js';
import { MediaRefusal } from './media-refusal.js';
import { MEDIA_ROUTES } from './media-routes.js';

const SWITCHED_OFF =
  "Media are switched off: downloading conflicts with YouTube's terms of service. Whoever may do it sets ENABLE_MEDIA=true";

/** Refuses every route of media. */
@Controller()
class MediaOffController {}

for (const declaration of Object.values(MEDIA_ROUTES)) {
  const { prototype } = MediaOffController;
  const { id } = declaration;
  const refuse = (): never => {
    throw new MediaRefusal(403, { message: SWITCHED_OFF });
  };
  Object.defineProperty(prototype, id, { value: refuse, writable: true, configurable: true });
  const descriptor = Object.getOwnPropertyDescriptor(prototype, id) as PropertyDescriptor;
  // Applies the decorator by hand, since the methods come from a table.
  Route(declaration)(prototype, id, descriptor);
}

/** Media while ENABLE_MEDIA is not set: the contract alone. */
export const MEDIA_OFF: DialectDeclaration = {
  ...MEDIA_DIALECT,
  controllers: [MediaOffController],
};
