# The program in a slim image: unprivileged, with a read-only root file system if you like, and nothing in it that builds.
#
#   docker build -t nomad-mcp .
#   docker run --rm -i --read-only nomad-mcp --demo                       MCP over stdin and stdout
#   docker run --rm --read-only -p 127.0.0.1:8000:8000 ... nomad-mcp serve     for a team; docs/deploy.md has the settings
#
# test/packages/image.hard.ts runs the steps of it without Docker.

FROM node:24-slim AS build
WORKDIR /opt/nomad-mcp
COPY package.json package-lock.json .npmrc ./
COPY packages/demo-cluster/package.json packages/demo-cluster/
RUN npm ci
COPY scripts scripts
COPY src src
COPY packages packages
RUN node scripts/build.mjs --fresh

FROM node:24-slim
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="nomad-mcp" \
      org.opencontainers.image.description="An MCP server for HashiCorp Nomad" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
ENV NODE_ENV=production
WORKDIR /opt/nomad-mcp
# With the compiled code that the build has left: where nothing can be written, each start would compile again.
COPY --from=build /opt/nomad-mcp/dist dist
COPY LICENSE deploy/healthcheck.cjs ./
USER node
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["node", "/opt/nomad-mcp/healthcheck.cjs"]
ENTRYPOINT ["node", "/opt/nomad-mcp/dist/nomad-mcp.js"]
