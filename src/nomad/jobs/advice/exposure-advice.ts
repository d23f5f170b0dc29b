import { holdingOf } from "../../../secrets/secret-holding.ts";
import { isReference } from "../../../secrets/secret-values.ts";
import { cutName, quotedLine } from "../../../text/untrusted.ts";
import { some } from "../../../text/words.ts";
import { isObject } from "../file/job-json.ts";
import type { TypedTask } from "../file/typed-job.ts";
import { type Remark, type TaskView, when } from "./finding.ts";

/** What of a task gives away secrets or the node. */
export function exposureRemarks({ task }: TaskView): Remark[] {
  const { Artifacts, Config, Driver, User } = task;
  const secrets = plainSecrets(task);
  const paths = hostPaths(task).filter((path) => !isSocket(path));
  const insecure = Artifacts.filter(({ GetterInsecure }) => GetterInsecure);
  const open = Artifacts.filter(({ GetterSource, GetterOptions }) => {
    return /^https?:\/\//.test(GetterSource) && !/checksum/.test(GetterSource) && !GetterOptions.checksum;
  });
  return [
    ...when(
      secrets.length > 0,
      1,
      `${some(secrets, 4)} in plain text: whoever may read the job reads it, in every version; fill it in by a template from a Nomad variable or Vault`,
    ),
    ...when(Config.privileged === true, 1, "privileged: the container can do on the node whatever root can"),
    ...when(
      hostPaths(task).some(isSocket),
      1,
      "it mounts the docker socket, with which it can start anything on the node as root",
    ),
    ...when(
      Driver === "raw_exec" && User === "",
      2,
      'raw_exec without a user: it runs without isolation, as the user of the Nomad client, which is usually root; write user = "nobody" or another in the task',
    ),
    ...when(insecure.length > 0, 2, "an artifact is fetched without checking the server's certificate (insecure)"),
    ...when(
      paths.length > 0,
      2,
      `it mounts ${some(
        paths.map((path) => cutName(path, 80)),
        3,
      )} of the node: what is there does not move with the job${Driver === "docker" ? ", and docker refuses it unless the client's configuration enables volumes" : ""}`,
    ),
    ...when(
      open.length > 0,
      4,
      `artifact ${quotedLine(open[0]?.GetterSource.replace(/[?#].*$/, "") ?? "", 120)} has no checksum: what is downloaded may change without a new version; write options { checksum = "sha256:..." }`,
    ),
  ];
}

const isSocket = (path: string) => path.includes("docker.sock");

/** Names under which a secret's value stands in the job itself. */
function plainSecrets({ Config, Env }: TypedTask): string[] {
  const isSecret = (name: string, value: unknown) =>
    typeof value === "string" && value !== "" && !isReference(value) && holdingOf(name, value) === "secret";
  const names = Object.entries(Env).flatMap(([name, value]) => (isSecret(name, value) ? [name] : []));
  const config = Object.entries(Config).flatMap(([key, value]) =>
    [value].flat().flatMap((each) => {
      if (!isObject(each)) return isSecret(key, each) ? [`config ${key}`] : [];
      return Object.entries(each).flatMap(([name, inner]) => (isSecret(name, inner) ? [`config ${key}.${name}`] : []));
    }),
  );
  return [...names, ...config].map((name) => cutName(name, 80));
}

/** The node's own paths that a docker or podman task mounts (drivers/docker/driver.go). */
export function hostPaths({ Config, Driver }: TypedTask): string[] {
  if (Driver !== "docker" && Driver !== "podman") return [];
  const volumes = [Config.volumes].flat().flatMap((volume) => (typeof volume === "string" ? [volume] : []));
  const mounts = [Config.mount, Config.mounts].flat().flatMap((mount) => {
    if (!isObject(mount) || mount.type !== "bind" || typeof mount.source !== "string") return [];
    return [mount.source];
  });
  const sources = [...volumes.map((volume) => volume.split(":", 1)[0] ?? ""), ...mounts];
  return [...new Set(sources.filter((path) => path.startsWith("/")))];
}
