import * as z from "zod";
import { planSetting, previewSetting, setSetting } from "../../nomad/cluster/scheduler/set-setting.ts";
import { settingNames, settingValues } from "../../nomad/cluster/scheduler/settings.ts";
import { defineTool } from "../context.ts";

export const setSchedulerConfig = defineTool({
  name: "set_scheduler_config",
  title: "Set the scheduler",
  description:
    "Change one setting of the scheduler for the whole cluster; the others stay. get_server_health tells what is set.",
  risk: "destructive",
  needs: ["operator:read", "operator:write"],
  idempotent: true,
  input: { setting: z.enum(settingNames), value: z.enum(settingValues) },
  async preview({ setting, value }, { nomad }) {
    return previewSetting(nomad, await planSetting(nomad, setting, value));
  },
  async run({ setting, value }, { nomad }) {
    return await setSetting(nomad, await planSetting(nomad, setting, value));
  },
});
