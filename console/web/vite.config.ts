/** Builds the console's pages into `dist`, which the console serves at `/`. Nothing is fetched from elsewhere. */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { dropSchemas } from './vite-drop-schemas.ts'
import { packBuilt } from './vite-pack-built.ts'
import { splitWords } from './vite-split-words.ts'

export default defineConfig(({ command }) => {
  // What is built is what people use, whoever asks for it: started by a test, the kit's test build would be served.
  if (command === 'build') process.env['NODE_ENV'] = 'production'
  return {
    root: import.meta.dirname,
    base: '/',
    plugins: [react(), dropSchemas(), splitWords(), packBuilt()],
    build: {
      outDir: 'dist',
      emptyOutDir: true,
      target: 'es2023',
      // Inlined files would be data: addresses, which a strict content policy refuses.
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 1_000,
      rolldownOptions: {
        // What is needed at once is one file: thirty small ones would each bring their headers, and pack worse.
        output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } },
      },
    },
    server: { port: 5173, proxy: { '/api': { target: 'https://127.0.0.1:8443', secure: false } } },
  }
})
