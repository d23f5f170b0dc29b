/** What clients are told of where to sign in: OAuth 2.0 Protected Resource Metadata (RFC 9728 §2). */
export interface ResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly bearer_methods_supported: readonly string[];
  readonly resource_name: string;
  readonly scopes_supported?: readonly string[];
}

/** The address of MCP on a server, by which clients and providers name it. */
function resourceOf(publicUrl: string): string {
  return `${publicUrl.replace(/\/+$/, "")}/mcp`;
}

/** What a token for this server may call it in its audience: MCP on it, or the server as a whole. */
export function namesOf(publicUrl: string): readonly string[] {
  const at = publicUrl.replace(/\/+$/, "");
  return [resourceOf(publicUrl), at, `${at}/`];
}

/** Where {@link metadataOf} stands: between host and path, as RFC 9728 §3.1 has it. */
export function metadataAddress(publicUrl: string): string {
  const { origin, pathname } = new URL(resourceOf(publicUrl));
  return `${origin}${metadataPath}${pathname}`;
}

/** The path of the metadata; that of the resource may stand behind it. */
export const metadataPath = "/.well-known/oauth-protected-resource";

/** `scopes`: those that clients ask the provider for. */
export function metadataOf(publicUrl: string, issuer: string, scopes: readonly string[] = []): ResourceMetadata {
  return {
    resource: resourceOf(publicUrl),
    authorization_servers: [issuer],
    bearer_methods_supported: ["header"],
    resource_name: "nomad-mcp",
    ...(scopes.length > 0 && { scopes_supported: scopes }),
  };
}

/** The header WWW-Authenticate by which a client finds the provider (RFC 9728 §5.1); `fault`: why its token is not taken. */
export function challenge(metadata: string, scopes: readonly string[] = [], fault?: string): string {
  // What may stand in a quoted string of RFC 6750 §3.
  const words = fault?.replaceAll(/[^\x20-\x7e]|["\\]/g, "'");
  const parts = [
    ...(words === undefined ? [] : ['error="invalid_token"', `error_description="${words}"`]),
    `resource_metadata="${metadata}"`,
    ...(scopes.length > 0 ? [`scope="${scopes.join(" ")}"`] : []),
  ];
  return `Bearer ${parts.join(", ")}`;
}
