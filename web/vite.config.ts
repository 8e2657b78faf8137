import { defineConfig } from 'vite';

// `npm run dev` shows the page against a server that runs on the usual port.
const server = process.env.SPACEWATCH_URL ?? 'http://127.0.0.1:8000';
const routes = ['/tools', '/validate-credentials', '/health', '/demo'];

export default defineConfig({
  build: {
    target: 'es2022',
    // The content security policy allows no inline code, and a data: URL is no script source.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
  },
  server: {
    proxy: Object.fromEntries(routes.map((route) => [route, { target: server }])),
  },
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
    passWithNoTests: false,
  },
} as Parameters<typeof defineConfig>[0]);
