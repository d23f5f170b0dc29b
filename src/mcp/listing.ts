import type {
  ListPromptsResult,
  ListResourceTemplatesResult,
  Tool as ToolDefinition,
} from "@modelcontextprotocol/sdk/types.js";

/** What the definitions of a session's tools have beside their own. */
export interface SessionArguments {
  /** The names of the clusters: with more than one of them every tool takes a `cluster`. */
  readonly clusters: readonly string[];
  /** The tool takes the code of a consent. */
  readonly asks: boolean;
  /** There is a library: tools take a file of it in place of a text. */
  readonly library: boolean;
}

/** The definition of a tool with what the session adds to its arguments. `confirm`: the schema of a consent's code. */
export function inSession(
  definition: ToolDefinition,
  confirm: object,
  { clusters, asks, library }: SessionArguments,
): ToolDefinition {
  const schema = library ? definition.inputSchema : withoutLibrary(definition.inputSchema);
  const properties = {
    ...schema.properties,
    ...(clusters.length > 1 && { cluster: { type: "string", enum: [...clusters] } }),
    ...(asks && { confirm }),
  };
  return { ...definition, inputSchema: { ...schema, properties } };
}

type InputSchema = ToolDefinition["inputSchema"];

/** Where there is no library, the argument that names a file in place of its text is left out, and the text must be given. */
function withoutLibrary(schema: InputSchema): InputSchema {
  const { file, ...properties } = schema.properties ?? {};
  if (file === undefined || properties.job_file === undefined) return schema;
  const required = [...(schema.required ?? []), ...(properties.new_job === undefined ? ["job_file"] : [])];
  return { ...schema, properties, ...(required.length > 0 && { required }) };
}

/** An argument of a prompt, as hosts are told of it. */
export interface ArgumentListing {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
}

/** What is listed of a prompt, and the tools without which it is not. */
export interface PromptListing {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly ArgumentListing[];
  readonly needs?: readonly string[];
}

/** The prompts of a session. `cluster`: what each of them takes where there are several clusters. */
export function listPrompts(
  prompts: readonly PromptListing[],
  offers: (tool: string) => boolean,
  cluster: ArgumentListing | undefined,
): ListPromptsResult {
  const offered = prompts.filter(({ needs = [] }) => needs.every(offers));
  return {
    prompts: offered.map(({ name, title, description, arguments: own }) => {
      const all = cluster ? [...own, cluster] : own;
      const args = all.map((each) => ({ name: each.name, description: each.description, required: each.required }));
      return { name, title, description, arguments: args };
    }),
  };
}

/** What is listed of a kind of resource, and the tool with which it is offered and hidden. */
export interface TemplateListing {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly template: string;
  readonly tool: string;
}

/** Every resource is a text. */
export const mimeType = "text/plain";

/** The kinds of resources of a session. */
export function listTemplates(
  kinds: readonly TemplateListing[],
  offers: (tool: string) => boolean,
): ListResourceTemplatesResult {
  const offered = kinds.filter(({ tool }) => offers(tool));
  return {
    resourceTemplates: offered.map(({ name, title, description, template }) => {
      return { name, title, description, uriTemplate: template, mimeType };
    }),
  };
}
