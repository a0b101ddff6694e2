import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm run console:dev` finds a running gateway. */
const GATEWAY = process.env['GATEWAY_URL'] ?? 'http://localhost:8070';

export default defineConfig({
  base: '/console/',
  plugins: [react(), tailwind()],
  build: {
    outDir: 'dist',
    // The content security policy takes no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': GATEWAY, '/openapi.json': GATEWAY } },
});
