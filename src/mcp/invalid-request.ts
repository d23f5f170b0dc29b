import { ErrorCode } from "@modelcontextprotocol/sdk/types.js";
import { show } from "../text/sealed.ts";

/**
 * A request that cannot be answered as it is; its message is what the host shows. The SDK's own error would carry the
 * code a second time, in its words.
 */
export class InvalidRequest extends Error {
  override name = "InvalidRequest";
  readonly code = ErrorCode.InvalidParams;

  constructor(message: string) {
    super(show(message));
  }
}
