import { readFileSync } from "node:fs";

/**
 * The alerts of deploy/ that have something to go by in what the server counts: each time series that they name has a value above zero
 * there. How much and how long is Prometheus's matter.
 */
export function alertsAt(metrics: string): readonly string[] {
  const file = readFileSync(new URL("../../deploy/prometheus-alerts.yml", import.meta.url), "utf8");
  const [, ...rules] = file.split(/- alert: /);
  const counted = metrics.split("\n").filter((line) => /^nomad_mcp_.* (?!0$)\S+$/.test(line));
  const isThere = ([, name = "", labels = ""]: RegExpMatchArray) => {
    const wanted = [...labels.matchAll(/(\w+)=~?"([^"]*)"/g)].map(([, label, value]) => `${label}="(${value})"`);
    return counted.some(
      (line) => line.startsWith(name) && wanted.every((each) => new RegExp(`[{,]${each}`).test(line)),
    );
  };
  return rules.flatMap((rule) => {
    const expression = rule.slice(rule.indexOf("expr:"), rule.search(/\n +(for|labels):/));
    const series = [...expression.matchAll(/\b(nomad_mcp_\w+)(\{[^}]*\})?/g)];
    return series.length > 0 && series.every(isThere) ? [rule.slice(0, rule.indexOf("\n"))] : [];
  });
}
