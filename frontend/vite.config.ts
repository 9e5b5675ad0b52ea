/// <reference types="vitest/config" />
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin, type ProxyOptions } from "vite";

/** What `make up` writes about the running system; `make dev` names another one by SKAFU_STACK_FILE. */
interface Stack {
  readonly api_url: string;
  readonly endpoint_url: string;
  readonly region: string;
  readonly user_pool_id: string;
  readonly user_pool_client_id: string;
}

const STACK_FILE =
  process.env.SKAFU_STACK_FILE ?? fileURLToPath(new URL("../.local/stack.json", import.meta.url));

function runningStack(): Stack {
  return JSON.parse(readFileSync(STACK_FILE, "utf-8")) as Stack;
}

/** Serves /config.json as the deployed console's bucket does: what differs from stack to stack. */
function runtimeConfig(): Plugin {
  return {
    name: "skafu-runtime-config",
    configureServer(server) {
      server.middlewares.use("/config.json", (_request, response) => {
        const stack = runningStack();
        response.setHeader("Content-Type", "application/json");
        response.setHeader("Cache-Control", "no-store");
        response.end(
          JSON.stringify({
            environment: "local",
            region: stack.region,
            user_pool_id: stack.user_pool_id,
            user_pool_client_id: stack.user_pool_client_id,
            cognito_endpoint: stack.endpoint_url,
            self_sign_up: true,
            password: { length: 8, symbols: false },
            version: "development",
          }),
        );
      });
    },
  };
}

/** The API on the same origin, as CloudFront has it. The target holds the origin alone; its path is added here. */
function apiProxy(): Record<string, ProxyOptions> {
  const api = new URL(runningStack().api_url);
  const prefix = api.pathname.replace(/\/$/, "");
  return {
    "/api": { target: api.origin, changeOrigin: true, rewrite: (path) => `${prefix}${path}` },
  };
}

export default defineConfig(({ command, mode }) => ({
  plugins: [react(), runtimeConfig()],
  // Chunks are named by what is in them, paths of packages included: a build whose node_modules is a link makes the same bytes.
  resolve: {
    alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) },
    preserveSymlinks: true,
  },
  build: {
    target: "es2023",
    // These know light-dark(): what stands in for it elsewhere needs color-scheme in CSS, and ours is chosen at run time.
    cssTarget: ["chrome123", "edge123", "firefox120", "safari17.5"],
    sourcemap: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
  },
  server:
    command === "serve" && mode !== "test"
      ? {
          host: "127.0.0.1",
          port: Number(process.env.SKAFU_DEV_PORT ?? 5173),
          strictPort: true,
          proxy: apiProxy(),
        }
      : {},
  // A document costs each file that has one seconds: logic has none, or asks for it (@vitest-environment jsdom).
  test: {
    // Of the tests without a browser: what the journeys walk through besides is not counted. It may rise, never fall; what has to be over
    // 80 % is backend and console together, as SonarQube counts (make quality).
    coverage: {
      provider: "v8",
      include: ["src/**/*.{ts,tsx}"],
      exclude: ["src/api/schema.d.ts", "src/**/*.test.{ts,tsx}", "src/test-setup.ts"],
      reporter: ["text-summary", "lcovonly"],
      reportsDirectory: "../.reports/console",
      thresholds: { lines: 66, statements: 66, functions: 56, branches: 60 },
    },
    projects: [
      {
        extends: true,
        test: { name: "logic", environment: "node", include: ["{src,scripts}/**/*.test.ts"] },
      },
      {
        extends: true,
        test: {
          name: "components",
          environment: "jsdom",
          include: ["src/**/*.test.tsx"],
          setupFiles: ["src/test-setup.ts"],
        },
      },
    ],
  },
}));
