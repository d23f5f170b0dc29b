import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import {
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ReadResourceRequestSchema,
  type ServerNotification,
  type ServerRequest,
} from "@modelcontextprotocol/sdk/types.js";
import { complete } from "./completions.ts";
import type { Prompts } from "./prompts.ts";
import type { Resources } from "./resources.ts";
import type { Host } from "./toolbox.ts";

/** What a session offers beside its tools. */
export interface More {
  readonly resources: Resources;
  readonly prompts: Prompts;
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** Answers for resources, prompts and completions. `known`: what is known of the host without its telling. */
export function offerMore(server: Server, { resources, prompts }: More, known: Partial<Host>): void {
  const host = ({ signal }: Extra): Host => ({ ...known, signal, name: server.getClientVersion() ?? known.name });
  server.setRequestHandler(ListResourcesRequestSchema, ({ params }, { signal }) =>
    resources.list(params?.cursor, signal),
  );
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => resources.templates());
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }, extra) => resources.read(params.uri, host(extra)));
  server.setRequestHandler(ListPromptsRequestSchema, () => prompts.list());
  server.setRequestHandler(GetPromptRequestSchema, ({ params }, extra) =>
    prompts.get(params.name, params.arguments ?? {}, host(extra)),
  );
  server.setRequestHandler(CompleteRequestSchema, ({ params }, { signal }) => {
    const { argument, context, ref } = params;
    const completer =
      ref.type === "ref/prompt"
        ? prompts.completer(ref.name, argument.name)
        : resources.completer(ref.uri, argument.name);
    return complete(completer, argument.value, context?.arguments ?? {}, signal);
  });
}
