import type { Tool as ToolDefinition } from "@modelcontextprotocol/sdk/types.js";
import { confirmSchema, define } from "../mcp/definition.ts";
import type { ArgumentListing, PromptListing, TemplateListing } from "../mcp/listing.ts";
import type { Needs, Risk } from "../mcp/tool.ts";
import { clusterArgument, nomadPrompts } from "../prompts/index.ts";
import { createCompleters } from "../resources/completers.ts";
import { nomadResources } from "../resources/index.ts";
import { toolsets } from "./index.ts";

/** What can be said of a tool without running it. */
export interface CatalogTool extends Needs {
  readonly risk: Risk;
  readonly definition: ToolDefinition;
}

/** What can be said of everything that is offered, before any of it is loaded. */
export interface Catalog {
  readonly toolsets: readonly {
    readonly name: string;
    readonly optIn: boolean;
    readonly tools: readonly CatalogTool[];
  }[];
  /** The schema of a consent's code. */
  readonly confirm: object;
  readonly prompts: readonly PromptListing[];
  /** What every prompt takes where there are several clusters. */
  readonly clusterArgument: ArgumentListing;
  readonly resources: readonly TemplateListing[];
}

const unasked = () => {
  throw new Error("what is only listed asks no cluster");
};
const completers = createCompleters(unasked, []);

/** A value of the build (scripts/build.mjs): made once, of the tools themselves. */
export const catalog: Catalog = {
  toolsets: toolsets.map(({ name, optIn = false, tools }) => ({
    name,
    optIn,
    tools: tools.map((tool) => {
      const { name, risk, needs = [], helps = [] } = tool;
      return { name, risk, needs, helps, definition: define(tool) };
    }),
  })),
  confirm: confirmSchema(),
  prompts: nomadPrompts(completers).map(({ name, title, description, arguments: args, needs = [] }) => {
    const told = args.map((arg) => ({ name: arg.name, description: arg.description, required: arg.required }));
    return { name, title, description, arguments: told, needs };
  }),
  clusterArgument: (({ name, description, required }) => ({ name, description, required }))(
    clusterArgument(completers),
  ),
  resources: nomadResources(completers, [], unasked, (text) => text).kinds.map(
    ({ name, title, description, template, tool }) => ({ name, title, description, template, tool }),
  ),
};
