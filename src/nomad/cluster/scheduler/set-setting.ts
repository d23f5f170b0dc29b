import { Refusal } from "../../../api/errors/refusal.ts";
import { operator, type SchedulerSettings } from "../../../endpoints/operator.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import type { Answer } from "../../../text/answer.ts";
import { all, lines } from "../../../text/words.ts";
import { unchanged } from "../../shared/exact-id.ts";
import { toolOrCommand } from "../../shared/next-step.ts";
import { clusterLine, type Preview, stampOf } from "../../shared/preview.ts";
import { sendOnce } from "../../shared/send-once.ts";
import { type SchedulerSetting, type SettingName, type SettingValue, schedulerSettings, setStep } from "./settings.ts";

/** A change of one setting, looked at against what is set now. */
export interface PlannedSetting {
  readonly name: SettingName;
  readonly value: SettingValue;
  readonly before: SettingValue;
  readonly setting: SchedulerSetting;
  readonly settings: SchedulerSettings;
}

/** One request. @throws Refusal where the setting has no such value. */
export async function planSetting(nomad: NomadClient, name: SettingName, value: SettingValue): Promise<PlannedSetting> {
  const setting: SchedulerSetting = schedulerSettings[name];
  if (!setting.values.includes(value)) {
    throw new Refusal(`${name} can be ${all(setting.values, "or")}, not ${value}. ${unchanged}`);
  }
  const settings = await readSettings(nomad);
  return { name, value, before: setting.read(settings), setting, settings };
}

async function readSettings(nomad: NomadClient): Promise<SchedulerSettings> {
  const { SchedulerConfig } = await nomad.get(operator.schedulerConfiguration);
  if (SchedulerConfig === null) throw new Refusal(`Nomad does not tell the scheduler's configuration. ${unchanged}`);
  return SchedulerConfig;
}

export function previewSetting(
  nomad: NomadClient,
  { name, value, before, setting, settings }: PlannedSetting,
): Preview {
  return {
    text: lines(
      before === value
        ? `Nothing: ${name} is ${value} already`
        : `Set ${name} of the scheduler, for the whole cluster: ${before} -> ${value}`,
      `  setting: ${name} (${before})`,
      clusterLine(nomad),
      before !== value && `  then: ${setting.effect[value]}`,
    ),
    stamp: stampOf(nomad, name, settings.ModifyIndex),
  };
}

/**
 * Sets it, once, where nobody else has changed the configuration meanwhile, and looks whether it is so.
 *
 * @throws Refusal where somebody else has, where the answer is lost, or where it is not so afterwards.
 */
export async function setSetting(nomad: NomadClient, planned: PlannedSetting): Promise<Answer> {
  const { name, value, before, setting, settings } = planned;
  const data = { setting: name, before, value };
  if (before === value) {
    return { headline: `${name} of the scheduler is ${value} already. ${unchanged}`, data };
  }
  const look = toolOrCommand(nomad.in(nomad.home), ["get_server_health", {}], ["operator scheduler get-config"]);
  const { Updated } = await sendOnce(
    async () =>
      await nomad.write(
        operator.setSchedulerConfiguration,
        { cas: settings.ModifyIndex },
        setting.write(settings, value),
      ),
    async () => `${name} is ${setting.read(await readSettings(nomad))}`,
    look,
  );
  if (!Updated) {
    throw new Refusal(
      `Somebody else has changed the scheduler's configuration meanwhile. ${unchanged}\nNext: ${look} says how it is`,
    );
  }
  const now = setting.read(await readSettings(nomad));
  if (now !== value) {
    throw new Refusal(`Nomad took the change, but ${name} is ${now}: somebody else has changed it since.`);
  }
  return {
    headline: `${name} of the scheduler set, for the whole cluster: ${before} -> ${value}; ${setting.effect[value]}`,
    next: [
      name === "pause_eval_broker" && value === "off"
        ? `${look} says how many evaluations still wait`
        : `${setStep(nomad, name, before)} takes that back`,
    ],
    data,
  };
}
