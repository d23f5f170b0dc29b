import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { AnyObjectSchema, SchemaOutput } from "@modelcontextprotocol/sdk/server/zod-compat.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  GetPromptRequestSchema,
  type JSONRPCRequest,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  type ServerNotification,
  type ServerRequest,
  type ServerResult,
} from "@modelcontextprotocol/sdk/types.js";
import type * as z from "zod";
import { complete } from "./completions.ts";
import type { Prompts } from "./prompts.ts";
import type { Resources } from "./resources.ts";
import type { Host, Toolbox } from "./toolbox.ts";

/** What the SDK gives with a request. */
export type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** A request that is answered the same in every revision, however it came. */
export interface Method {
  readonly name: string;
  /** Has a server of the SDK answer it. `hostOf`: what is known of who asks. */
  offer(server: Server, hostOf: (extra: Extra) => Host): void;
  /** Answers a request that is known to be well-formed. */
  answer(request: JSONRPCRequest, host: Host): Promise<ServerResult>;
}

/** What a session answers. */
export interface Offered {
  readonly toolbox: Toolbox;
  readonly resources: Resources;
  readonly prompts: Prompts;
}

export function createMethods({ toolbox, resources, prompts }: Offered): readonly Method[] {
  return [
    method("tools/list", ListToolsRequestSchema, () => ({ tools: toolbox.definitions })),
    method("tools/call", CallToolRequestSchema, ({ params }, host) =>
      toolbox.call(params.name, params.arguments, host),
    ),
    method("resources/list", ListResourcesRequestSchema, ({ params }, { signal }) =>
      resources.list(params?.cursor, signal),
    ),
    method("resources/templates/list", ListResourceTemplatesRequestSchema, () => resources.templates()),
    method("resources/read", ReadResourceRequestSchema, ({ params }, host) => resources.read(params.uri, host)),
    method("prompts/list", ListPromptsRequestSchema, () => prompts.list()),
    method("prompts/get", GetPromptRequestSchema, ({ params }, host) =>
      prompts.get(params.name, params.arguments ?? {}, host),
    ),
    method("completion/complete", CompleteRequestSchema, ({ params }, { signal }) => {
      const { argument, context, ref } = params;
      const completer =
        ref.type === "ref/prompt"
          ? prompts.completer(ref.name, argument.name)
          : resources.completer(ref.uri, argument.name);
      return complete(completer, argument.value, context?.arguments ?? {}, signal);
    }),
  ];
}

function method<S extends AnyObjectSchema & z.ZodType>(
  name: string,
  schema: S,
  answer: (request: SchemaOutput<S>, host: Host) => ServerResult | Promise<ServerResult>,
): Method {
  return {
    name,
    offer: (server, hostOf) => server.setRequestHandler(schema, (request, extra) => answer(request, hostOf(extra))),
    answer: async (request, host) => await answer(schema.parse(request) as SchemaOutput<S>, host),
  };
}
