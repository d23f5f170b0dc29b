/** What a text of a metric means: why nodes were filtered, or which dimension of theirs is exhausted. */
export type Meaning =
  | { readonly kind: "drivers" | "devices" | "host volumes" | "network" | "secrets" | "distinct hosts" }
  | { readonly kind: "distinct property" | "volume" | "other"; readonly text: string }
  | { readonly kind: "csi missing"; readonly what: string }
  | { readonly kind: "host network"; readonly what: string }
  | { readonly kind: "class"; readonly before: boolean }
  | {
      readonly kind: "constraint";
      readonly text: string;
      readonly target: string;
      readonly operand: string;
      readonly value: string;
    }
  | { readonly kind: "memory" | "cpu" | "disk" | "dynamic port" }
  | { readonly kind: "port"; readonly label: string; readonly port: number }
  | { readonly kind: "devices taken"; readonly what: string };

const fixed: Readonly<Record<string, Meaning>> = {
  "missing drivers": { kind: "drivers" },
  "missing devices": { kind: "devices" },
  "missing compatible host volumes": { kind: "host volumes" },
  "missing network": { kind: "network" },
  "missing secrets provider": { kind: "secrets" },
  distinct_hosts: { kind: "distinct hosts" },
  "computed class ineligible": { kind: "class", before: false },
  memory: { kind: "memory" },
  cpu: { kind: "cpu" },
  disk: { kind: "disk" },
  "network: dynamic port selection failed": { kind: "dynamic port" },
};

/** The one reading of the scheduler's texts (scheduler/feasible/feasible.go, rank.go, structs/network.go). */
export function meaningOf(text: string): Meaning {
  const known = Object.hasOwn(fixed, text) ? fixed[text] : undefined;
  if (known !== undefined) return known;
  const port = /^network: reserved port collision (.+)=(\d+)$/.exec(text);
  if (port) return { kind: "port", label: port[1] ?? "", port: Number(port[2]) };
  const csi = /^missing CSI volume\(s\) (.+)$/.exec(text)?.[1];
  if (csi !== undefined) return { kind: "csi missing", what: csi };
  if (text.startsWith("missing host network")) return { kind: "host network", what: text.slice("missing ".length) };
  if (text.startsWith("distinct_property")) return { kind: "distinct property", text };
  if (text.startsWith("devices:")) return { kind: "devices taken", what: text.slice("devices:".length).trim() };
  const constraint = /^(\$\{[^}]+\}|\S+) (\S+) ?(.*)$/s.exec(text);
  if (constraint && text.includes("${")) {
    const [, target = "", operand = "", value = ""] = constraint;
    return { kind: "constraint", text: text.trim(), target, operand, value };
  }
  if (/CSI|volume|plugin/.test(text)) return { kind: "volume", text };
  return { kind: "other", text };
}
