import { quotedLine } from "../../../text/untrusted.ts";
import { some } from "../../../text/words.ts";
import { hostPaths } from "../advice/exposure-advice.ts";
import { isObject, type JobSpec } from "../file/job-json.ts";
import { type TypedTask, typedJob } from "../file/typed-job.ts";
import { groupsOf } from "../source/spec-sections.ts";

const shared = ["network_mode", "pid_mode", "ipc_mode", "userns_mode", "uts_mode"];
const most = 4;

/** What of a job reaches beyond its own tasks, to the node that it runs on: a line for each task and volume. */
export function powersOf(job: JobSpec): string[] {
  const tasks = typedJob(job).TaskGroups.flatMap(({ Name, Tasks }) =>
    Tasks.flatMap((task) => {
      const powers = ofTask(task);
      return powers.length > 0 ? [`${Name} > task ${task.Name}: ${powers.join("; ")}`] : [];
    }),
  );
  const volumes = groupsOf(job, {}).flatMap(({ group }) =>
    Object.entries(isObject(group.Volumes) ? group.Volumes : {}).flatMap(([name, volume]) => {
      if (!isObject(volume) || volume.Type !== "host") return [];
      const rights = volume.ReadOnly === true ? "read only" : "may be written";
      return [quotedLine(`${group.Name} > host volume ${name}: ${volume.Source ?? name} of the node, ${rights}`)];
    }),
  );
  return [...tasks, ...volumes];
}

function ofTask(task: TypedTask): string[] {
  const { Config, Driver, User } = task;
  const texts = (key: string) => [Config[key]].flat().filter((value) => typeof value === "string");
  const paths = hostPaths(task).map((path) => quotedLine(path, 80));
  const caps = texts("cap_add").map((name) => quotedLine(name, 40));
  const modes = shared.filter((key) => Config[key] === "host");
  return [
    Driver === "raw_exec" &&
      `raw_exec, without isolation, as ${User === "" ? "the user of the Nomad client, usually root" : `user ${quotedLine(User, 40)}`}`,
    Config.privileged === true && "privileged: it can do on the node what root can",
    modes.length > 0 && `shares with the node: ${modes.join(", ")} = host`,
    caps.length > 0 && `capabilities added: ${some(caps, most)}`,
    paths.length > 0 && `mounts of the node ${some(paths, most)}`,
    Driver !== "raw_exec" && /^(root|0)(:|$)/.test(User) && "user root",
  ].filter((power) => power !== false);
}
