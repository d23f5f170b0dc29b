import { ErrorCode, LATEST_PROTOCOL_VERSION, SUPPORTED_PROTOCOL_VERSIONS } from "@modelcontextprotocol/sdk/types.js";

/** What the SDK speaks, for what is answered before it is loaded. A value of the build (scripts/build.mjs). */
export const protocol = {
  latest: LATEST_PROTOCOL_VERSION as string,
  supported: SUPPORTED_PROTOCOL_VERSIONS as readonly string[],
  errors: {
    parse: ErrorCode.ParseError as number,
    invalidRequest: ErrorCode.InvalidRequest as number,
    methodNotFound: ErrorCode.MethodNotFound as number,
    invalidParams: ErrorCode.InvalidParams as number,
    internal: ErrorCode.InternalError as number,
  },
};
