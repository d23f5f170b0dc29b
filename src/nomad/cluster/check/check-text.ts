import { type Answer, answer } from "../../../text/answer.ts";
import { cutName, quotedLine } from "../../../text/untrusted.ts";
import { all, plural, some } from "../../../text/words.ts";
import { type Findings, type Reached, type Servers, works } from "./check.ts";
import { closest } from "./glob.ts";
import { tlsLines } from "./tls-text.ts";
import { tokenText } from "./token-text.ts";
import { toolLines } from "./usable-text.ts";

/** The oldest Nomad that this server is written for. */
const oldest = [1, 6] as const;

/** What was found out about a cluster, as an operator reads it: the verdict, then what it rests on. */
export function checkAnswer(findings: Findings): Answer {
  const { name, address, proxy, settingName, now, tls, fault, reached } = findings;
  const title = `${name === undefined ? address : `${name} (${address})`}${proxy ? `, through the proxy ${proxy}` : ""}`;
  const certificates = tlsLines(tls, now);
  if (reached === undefined)
    return answer(`${title}: cannot be worked with`, ...indented(fault ?? ""), ...certificates);
  return answer(
    `${title}: ${verdict(findings, reached)}`,
    ...certificates,
    `  Nomad: ${serversText(reached.servers, reached.leader)}`,
    `  token: ${tokenText(reached.token, now, settingName("token"))}`,
    ...namespaceLines(reached, settingName("namespace")),
    ...(reached.token.kind === "refused" ? [] : toolLines(reached.tools)),
  );
}

function verdict(findings: Findings, { token, leader, tools, namespaces }: Reached): string {
  if (token.kind === "refused") return "Nomad answers, but refuses the token";
  if (leader === "") return "Nomad answers, but its servers have no leader, so that it takes no requests";
  const wrong = namespaces.filter(({ exists }) => exists === false);
  if (wrong.length === namespaces.length) {
    return `Nomad answers, but there is no namespace ${all(wrong.map(({ name }) => name))}`;
  }
  const asking = tools.filter(({ needs }) => needs);
  if (asking.length > 0 && asking.every(({ untold }) => untold.length > 0)) {
    return "works; which tools the token lets through cannot be told";
  }
  const can = tools.filter(({ lacks }) => lacks.length === 0).length;
  if (can === tools.length) return `works, ${can === 1 ? "its only tool" : `all ${can} tools`} can be used`;
  const words = `${can} of ${plural(tools.length, "tool")} can be used`;
  return works(findings) ? `works, ${words} with this token` : "Nomad answers, but the token lets no tool through";
}

function serversText(servers: Servers | undefined, leader: string): string {
  const led = leader === "" ? "no leader" : `leader ${cutName(leader)}`;
  if (servers === undefined) return `version not told (that needs node:read), ${led}`;
  const versions = [...new Set(servers.members.map(({ version }) => version))].sort();
  const leading = servers.members.find(({ at }) => at === leader);
  const who = leading === undefined ? led : `leader ${cutName(leading.name)} (${cutName(leader)})`;
  const count = servers.members.length > 1 ? `, ${servers.members.length} servers` : "";
  const old = versions.some(isOld) ? `; this server is written for ${oldest.join(".")} and later` : "";
  return `${all(versions.map((each) => quotedLine(each, 40)))}, region ${quotedLine(servers.region)}, ${who}${count}${old}`;
}

function isOld(version: string): boolean {
  const [, major = "", minor = ""] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return major !== "" && (Number(major) < oldest[0] || (Number(major) === oldest[0] && Number(minor) < oldest[1]));
}

function namespaceLines({ namespaces, token }: Reached, setting: string): string[] {
  const wrong = namespaces.filter(({ exists }) => exists === false).map(({ name }) => name);
  const granted = token.rights.namespaces ?? [];
  const closed = namespaces
    .map(({ name }) => name)
    .filter((name) => name !== "*" && closest(granted, name) === undefined);
  return [
    ...(wrong.length > 0 ? [`  namespace: there is no ${all(wrong)}; correct ${setting}`] : []),
    ...(granted.length > 0 && closed.length > 0
      ? [
          `  namespace: the token may do nothing in ${all(closed)}; where it may is ${some(granted, 10)}: set ${setting}, or name it in the call`,
        ]
      : []),
  ];
}

function indented(text: string): string[] {
  return text.split("\n").map((line) => (line === "" ? "" : `  ${line}`));
}
