# Built and pruned in the first stage; the second holds what runs and nothing else.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY console/package.json ./console/
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY scripts ./scripts
COPY console ./console
# Neither what only tests need, nor the embedded database, nor Google's other three hundred services.
RUN npm run build && npm prune --omit=dev --omit=optional && \
  find node_modules/googleapis/build/src/apis -mindepth 1 -maxdepth 1 ! -name youtube -exec rm -rf {} + && \
  find node_modules -name '*.d.ts' -delete && rm -f dist/.tsbuildinfo

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/console/dist ./console/dist
COPY proto ./proto
COPY docs ./docs
# A number, so that Kubernetes can check that it is not root.
USER 1000:1000
EXPOSE 8070 50051
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "dist/cli/probe.js"]
# A small young generation keeps the process below 200 MiB; it is collected a little more often.
CMD ["node", "--v8-pool-size=1", "--no-allocation-site-pretenuring", "--max-semi-space-size=8", "--heap-growing-percent=20", "--max-old-space-size=320", "dist/main.js"]
