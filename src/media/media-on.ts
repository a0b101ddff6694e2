import type { DialectDeclaration } from '../doors/door/dialect.js';
import { MEDIA_DIALECT } from './contract/media-dialect.js';
import { MediaCallers } from './door/media-callers.js';
import { MediaController } from './door/media.controller.js';
import { ToolkitController } from './door/toolkit.controller.js';
import { MediaModule } from './media.module.js';

/** Media while ENABLE_MEDIA is set; loaded only then. */
export const MEDIA_ON: DialectDeclaration = {
  ...MEDIA_DIALECT,
  imports: [MediaModule],
  controllers: [MediaController, ToolkitController],
  providers: [MediaCallers],
};
