import type {
  ListResourcesResult,
  ListResourceTemplatesResult,
  ReadResourceResult,
} from "@modelcontextprotocol/sdk/types.js";
import { seal, show, showLine, unseal } from "../text/sealed.ts";
import type { Completer } from "./completions.ts";
import { InvalidRequest } from "./invalid-request.ts";
import { listTemplates, mimeType } from "./listing.ts";
import { textOf } from "./result-text.ts";
import type { Host, Toolbox } from "./toolbox.ts";
import { fillUri, matchUri, type Variables } from "./uri.ts";

/** A kind of thing that hosts can read by its address. */
export interface ResourceKind {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** `nomad://{cluster}/jobs/{namespace}/{job_id}` */
  readonly template: string;
  /** The tool whose answer it is, made, gated and masked in the same place; where that is hidden, so is this. */
  readonly tool: string;
  /** The arguments of the tool, beside the cluster. */
  args(variables: Variables): Readonly<Record<string, unknown>>;
  /** What each variable can be. */
  readonly complete: Readonly<Record<string, Completer>>;
}

/** One thing in the list of resources. */
export interface ListedResource {
  /** Of this kind. */
  readonly kind: string;
  readonly variables: Variables;
  readonly name: string;
  readonly description: string;
}

/** A page of the list. */
export interface ResourcePage {
  readonly items: readonly ListedResource[];
  readonly next: string | undefined;
}

/** What the resources are made of. */
export interface ResourceOptions {
  readonly kinds: readonly ResourceKind[];
  /** The names that `{cluster}` can have; several only where the tools take a `cluster`. */
  readonly clusters: readonly string[];
  /** The things that are listed, page by page. Throws where they cannot be read. */
  list(cursor: string | undefined, signal: AbortSignal): Promise<ResourcePage>;
}

/** The resources of a session. */
export interface Resources {
  list(cursor: string | undefined, signal: AbortSignal): Promise<ListResourcesResult>;
  templates(): ListResourceTemplatesResult;
  /** @throws InvalidRequest for an address that names nothing, and with the tool's own words where the read fails. */
  read(uri: string, host: Host): Promise<ReadResourceResult>;
  /** What the variable of a template can be. */
  completer(template: string, variable: string): Completer | undefined;
}

/** A host asks for the list when it starts: it must not wait for a cluster that is away, ms. */
const listPatience = 5_000;

export function createResources(toolbox: Toolbox, { kinds: all, clusters, list }: ResourceOptions): Resources {
  const kinds = all.filter(({ tool }) => toolbox.offers(tool));
  return {
    templates: () => listTemplates(kinds, toolbox.offers),

    async list(cursor, signal) {
      const { items, next } = await page(
        list,
        cursor && decoded(cursor),
        AbortSignal.any([signal, AbortSignal.timeout(listPatience)]),
      );
      const resources = items.flatMap(({ kind: named, variables, name, description }) => {
        const kind = kinds.find((each) => each.name === named);
        return kind
          ? [
              {
                uri: fillUri(kind.template, variables),
                name: showLine(name),
                description: showLine(description),
                mimeType,
              },
            ]
          : [];
      });
      return { resources, ...(next !== undefined && { nextCursor: encodeURIComponent(unseal(next).toWellFormed()) }) };
    },

    async read(uri, host) {
      for (const { template, tool, args } of kinds) {
        const variables = matchUri(template, uri);
        if (variables === undefined) continue;
        const { cluster } = variables;
        if (cluster !== undefined && !clusters.includes(cluster)) break;
        const several = clusters.length > 1 ? { cluster } : {};
        const result = await toolbox.read(tool, { ...args(variables), ...several }, host);
        const text = textOf(result);
        if (result.isError) throw new InvalidRequest(text);
        return { contents: [{ uri: show(uri), mimeType, text }] };
      }
      const forms = kinds.map(({ template }) => template).join(", ");
      throw new InvalidRequest(
        `There is no resource ${JSON.stringify(showLine(uri.slice(0, 200)))}. Addresses: ${forms}. Clusters: ${clusters.join(", ")}.`,
      );
    },

    completer(template, variable) {
      const kind = kinds.find((each) => each.template === template);
      return kind !== undefined && Object.hasOwn(kind.complete, variable) ? kind.complete[variable] : undefined;
    },
  };
}

/** A cursor of ours, which names an object; sealed. One that is none leads nowhere. */
function decoded(cursor: string): string {
  try {
    return seal(decodeURIComponent(cursor));
  } catch {
    return seal(cursor);
  }
}

/** What cannot be listed now is an empty list: the tools say why. */
async function page(
  list: ResourceOptions["list"],
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<ResourcePage> {
  try {
    return await list(cursor, signal);
  } catch {
    return { items: [], next: undefined };
  }
}
