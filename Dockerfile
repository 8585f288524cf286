FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY client/package.json client/
COPY console/package.json console/
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY client/tsconfig.json client/
COPY client/src client/src
COPY scripts/bundle.mjs scripts/
COPY console console
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:20-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/client client
RUN chmod +x dist/oee.js && ln -s /app/dist/oee.js /usr/local/bin/oee && mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 3000
CMD ["node", "--min-semi-space-size=64", "--max-semi-space-size=64", "dist/index.js"]
