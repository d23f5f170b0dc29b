import { metadataPath, type ResourceMetadata } from "../../access/oidc/metadata.ts";
import { problem } from "./problem.ts";

/** Clients look in several places for a provider to sign in at, before they use the key that they have. */
export const wellKnownPaths = ["/.well-known/*", "/mcp/.well-known/*", "/mcp/sse/.well-known/*"];

/** Tells where to sign in; that there is no such thing at the path where that is nowhere, or said elsewhere. */
export function wellKnown(path: string, metadata: ResourceMetadata | undefined, requestId: string): Response {
  // The path of the resource may stand behind it (RFC 9728 §3.1).
  if (metadata !== undefined && (path === metadataPath || path.startsWith(`${metadataPath}/`))) {
    return Response.json(metadata);
  }
  const detail =
    metadata === undefined
      ? "There is no provider to sign in at: a key is the way in, in the header Authorization."
      : `The provider to sign in at is named at ${metadataPath}.`;
  return problem({ kind: "unknown", detail, requestId });
}
