import buildConnector from 'undici/lib/core/connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';

/**
 * The client of undici and its connector. Its index would load 3 MB more, for fetch, caches and WebSockets.
 * Not public: `test/pure/vendor.test.ts` notices if a new version moves them.
 */
export { Agent, buildConnector };
