import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/static/built/",
  // Nothing is copied as it is: every file of the front end goes through an entry and gets a hashed name.
  publicDir: false,
  test: {
    include: ["frontend/src/**/*.test.ts"],
  },
  build: {
    outDir: "clinicall/web/static/built",
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    // The content security policy allows no data: fonts or images.
    assetsInlineLimit: 0,
    // Every browser that can join a call knows modulepreload.
    modulePreload: { polyfill: false },
    // The Agora SDK is one lazy chunk of about 1.5 MB.
    chunkSizeWarningLimit: 1700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What pages share is too little for a request each.
          groups: [{ name: "shared", test: /frontend\/src\/[^/]+\.ts$/, minShareCount: 2 }],
        },
      },
      input: [
        "frontend/src/styles/index.css",
        "frontend/src/site.ts",
        "frontend/src/account/passkeys.ts",
        "frontend/src/room/room.ts",
        "frontend/src/visit/visit.ts",
        "frontend/src/device-check/device-check.ts",
        "frontend/src/styleguide/styleguide.ts",
      ],
    },
  },
});
