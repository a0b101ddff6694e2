import { discord } from './discord/declaration.js';
import type { PlatformDeclaration } from './platform-declaration.js';
import { twitch } from './twitch/declaration.js';
import { youtube } from './youtube/declaration.js';

/** Every platform of the gateway; a new one is one line here. */
export const PLATFORMS: readonly PlatformDeclaration[] = [twitch, youtube, discord];
