import { nearest } from "../text/nearest.ts";
import { all, some } from "../text/words.ts";
import { Refused } from "./refused.ts";
import type { Risk } from "./tool.ts";

/** What the operator set of which tools a session offers; undefined where it is not set. */
export interface Gates {
  readonly readOnly: boolean;
  readonly toolsets?: readonly string[] | undefined;
  readonly enabledTools?: readonly string[] | undefined;
  readonly disabledTools?: readonly string[] | undefined;
}

/** What the operator calls each gate, as sentences name it: the variable that sets it. */
export type GateNames = Readonly<Record<keyof Gates, string>> & {
  /** What hides a tool on a server of many, such as "your role viewer": callers are not told of the server's variables. */
  readonly whose?: string;
};

/** What the gates look at of a tool. */
interface Gated {
  readonly name: string;
  readonly risk: Risk;
}

/** Tools that are switched on together. */
interface GatedSet<T extends Gated> {
  readonly name: string;
  /** It is offered only where it is asked for. */
  readonly optIn?: boolean | undefined;
  /** What there is not that its tools are about: none of them is offered. */
  readonly lacks?: string | undefined;
  readonly tools: readonly T[];
}

/** The tools that a session offers, by name and in order, and what is said of the others. */
export interface Offer<T extends Gated> {
  readonly tools: ReadonlyMap<string, T>;
  /** The whole answer to the call of a tool that is not offered: the setting that hides it, or the nearest name. */
  refusal(name: string): Refused;
}

/**
 * What the gates let through: the tools of `toolsets` together with `enabledTools`, those of the default where neither is set,
 * without `disabledTools`, and under `readOnly` only those that read. Of toolsets, `default` means all that need not be asked
 * for, and `all` every one.
 *
 * @throws Refused where a gate names something that does not exist, or nothing is left; one line, for the start.
 */
export function offer<T extends Gated>(toolsets: readonly GatedSet<T>[], gates: Gates, names: GateNames): Offer<T> {
  checkNames(toolsets, gates, names);
  const every = toolsets.flatMap((toolset) => toolset.tools.map((tool) => ({ tool, toolset })));
  const hidden = new Map(every.map(({ tool, toolset }) => [tool.name, cures(tool, toolset, gates, names)]));
  const left = every.filter(({ tool }) => hidden.get(tool.name)?.length === 0);
  if (left.length === 0) throw new Refused(nothingLeft(gates, names));
  const tools = new Map(left.map(({ tool }) => [tool.name, tool]));
  return {
    tools,
    refusal(name) {
      const known = hidden.get(name);
      if (known === undefined || known.length === 0)
        return new Refused(unknownTool(name, [...tools.keys()]), "unknown");
      if (names.whose !== undefined) {
        return new Refused(
          `${name} is not offered: ${names.whose} does not have it. Whoever runs this server can change that.`,
          "hidden",
        );
      }
      return new Refused(
        `${name} is not offered: ${known.join("; and ")}. Whoever runs this server can change that and start it again.`,
        "hidden",
      );
    },
  };
}

/** Why a tool is hidden, each reason with what would allow it; empty where it is offered. */
function cures(tool: Gated, toolset: Omit<GatedSet<Gated>, "tools">, gates: Gates, names: GateNames): string[] {
  const { readOnly, toolsets, enabledTools, disabledTools } = gates;
  const reasons: string[] = toolset.lacks === undefined ? [] : [toolset.lacks];
  if (readOnly && tool.risk !== "read") {
    reasons.push(`it changes the cluster, and this server is read-only: ${names.readOnly}=false allows it`);
  }
  if (disabledTools?.includes(tool.name)) reasons.push(`${names.disabledTools} names it: take it out there`);
  if (!chosen(tool.name, toolset, gates)) {
    const places = [
      ...(toolsets ? [`${toolset.name} to ${names.toolsets}`] : []),
      ...(enabledTools || toolsets ? [`${tool.name} to ${names.enabledTools}`] : []),
    ];
    reasons.push(
      toolsets === undefined && enabledTools === undefined
        ? `its toolset has to be asked for: ${names.toolsets}=default,${toolset.name} offers it`
        : `it is not among the tools that were chosen: add ${all(places, "or")}`,
    );
  }
  return reasons;
}

/** Names that mean several toolsets. */
const several = ["default", "all"];

function chosen(
  name: string,
  { name: toolset, optIn = false }: Omit<GatedSet<Gated>, "tools">,
  { toolsets, enabledTools }: Gates,
): boolean {
  const sets = toolsets ?? (enabledTools === undefined ? ["default"] : []);
  if (sets.includes(toolset) || sets.includes("all") || (sets.includes("default") && !optIn)) return true;
  return enabledTools?.includes(name) ?? false;
}

function checkNames(toolsets: readonly GatedSet<Gated>[], gates: Gates, names: GateNames): void {
  const sets: Named = {
    kind: "toolset",
    known: [...toolsets.map(({ name }) => name), ...several],
    setting: names.toolsets,
  };
  const tools: Named = {
    kind: "tool",
    known: toolsets.flatMap((toolset) => toolset.tools.map(({ name }) => name)),
    setting: names.enabledTools,
  };
  checkEach(gates.toolsets, sets, tools);
  checkEach(gates.enabledTools, tools, sets);
  checkEach(gates.disabledTools, { ...tools, setting: names.disabledTools }, sets);
}

/** What a setting takes. */
interface Named {
  readonly kind: string;
  readonly known: readonly string[];
  readonly setting: string;
}

function checkEach(given: readonly string[] | undefined, { kind, known, setting }: Named, other: Named): void {
  for (const name of given ?? []) {
    if (known.includes(name)) continue;
    const shown = JSON.stringify(name.slice(0, 80));
    if (other.known.includes(name)) {
      throw new Refused(
        `${setting}: ${shown} is a ${other.kind}, not a ${kind}; ${other.setting} takes ${other.kind}s.`,
      );
    }
    const near = nearest(name, known, plain);
    const hint = near === undefined ? `There are ${some(known, 12)}.` : `The nearest is ${near}.`;
    throw new Refused(`${setting}: there is no ${kind} ${shown}. ${hint}`);
  }
}

const plain = (name: string) => name.toLowerCase().replaceAll("-", "_");

function unknownTool(name: string, offered: readonly string[]): string {
  const near = nearest(name, offered, plain);
  const hint = near === undefined ? "" : ` The nearest is ${near}.`;
  return `There is no tool ${JSON.stringify(name.slice(0, 80))}.${hint} Offered: ${some(offered, 40)}.`;
}

function nothingLeft({ readOnly, toolsets, enabledTools, disabledTools }: Gates, names: GateNames): string {
  if (names.whose !== undefined)
    return `No tool is left to offer where ${names.whose} narrows the server: allow at least one.`;
  const settings = [
    ...(readOnly ? [names.readOnly] : []),
    ...(toolsets ? [names.toolsets] : []),
    ...(enabledTools ? [names.enabledTools] : []),
    ...(disabledTools ? [names.disabledTools] : []),
  ];
  return `${all(settings)} ${settings.length > 1 ? "together leave" : "leaves"} no tool to offer: allow at least one.`;
}
