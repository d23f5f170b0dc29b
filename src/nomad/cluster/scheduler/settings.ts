import type { SchedulerSettings } from "../../../endpoints/operator.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { toolOrCommand } from "../../shared/next-step.ts";

/** A setting of the scheduler, of which there is one for the whole cluster. */
export interface SchedulerSetting {
  /** What it can be; the first is what Nomad has where nobody has changed it. */
  readonly values: readonly SettingValue[];
  read(all: SchedulerSettings): SettingValue;
  /** All settings, this one changed. */
  write(all: SchedulerSettings, value: SettingValue): SchedulerSettings;
  /** What comes of it. */
  readonly effect: Readonly<Partial<Record<SettingValue, string>>>;
  /** The option of `nomad operator scheduler set-config`. */
  readonly option: string;
}

export const settingValues = ["on", "off", "binpack", "spread"] as const;
export type SettingValue = (typeof settingValues)[number];

type Switch = "MemoryOversubscriptionEnabled" | "PauseEvalBroker" | "RejectJobRegistration";

function onOff(field: Switch, option: string, on: string, off: string): SchedulerSetting {
  return {
    values: ["off", "on"],
    read: (all) => (all[field] ? "on" : "off"),
    write: (all, value) => ({ ...all, [field]: value === "on" }),
    effect: { on, off },
    option,
  };
}

function preemption(type: "Service" | "Batch" | "System" | "SysBatch"): SchedulerSetting {
  const field = `${type}SchedulerEnabled` as const;
  const name = type.toLowerCase();
  return {
    values: type === "System" ? ["on", "off"] : ["off", "on"],
    read: ({ PreemptionConfig }) => (PreemptionConfig?.[field] ? "on" : "off"),
    write(all, value) {
      const none = { ServiceSchedulerEnabled: false, BatchSchedulerEnabled: false, SystemSchedulerEnabled: false };
      const before = all.PreemptionConfig ?? { ...none, SysBatchSchedulerEnabled: false };
      return { ...all, PreemptionConfig: { ...before, [field]: value === "on" } };
    },
    effect: {
      on: `${name} jobs that find no room may stop allocations of jobs whose priority is lower by 10 or more`,
      off: `${name} jobs that find no room wait for it`,
    },
    option: `preempt-${name}-scheduler`,
  };
}

/** The settings, by the names that calls use. */
export const schedulerSettings = {
  memory_oversubscription: onOff(
    "MemoryOversubscriptionEnabled",
    "memory-oversubscription",
    "tasks that are placed from now on may use up to their memory_max",
    "tasks that are placed from now on get no more than their memory, whatever their memory_max",
  ),
  algorithm: {
    values: ["binpack", "spread"],
    read: ({ SchedulerAlgorithm }) => (SchedulerAlgorithm === "spread" ? "spread" : "binpack"),
    write: (all, value) => ({ ...all, SchedulerAlgorithm: value }),
    effect: {
      binpack: "what is placed from now on fills one node before the next; what runs stays where it is",
      spread: "what is placed from now on goes to the nodes with most room; what runs stays where it is",
    },
    option: "scheduler-algorithm",
  },
  pause_eval_broker: onOff(
    "PauseEvalBroker",
    "pause-eval-broker",
    "nothing is placed, moved or replaced until it is off; what runs goes on, and what fails for good has no replacement",
    "the scheduler works off what waited meanwhile",
  ),
  reject_job_registration: onOff(
    "RejectJobRegistration",
    "reject-job-registration",
    "only management tokens may submit and change jobs; without ACLs it holds nobody off",
    "whoever has the right may submit jobs",
  ),
  preempt_service: preemption("Service"),
  preempt_batch: preemption("Batch"),
  preempt_system: preemption("System"),
  preempt_sysbatch: preemption("SysBatch"),
} as const satisfies Readonly<Record<string, SchedulerSetting>>;

export type SettingName = keyof typeof schedulerSettings;
export const settingNames = Object.keys(schedulerSettings) as [SettingName, ...SettingName[]];

/** What sets it: the call, else the `nomad` command. */
export function setStep(nomad: NomadClient, setting: SettingName, value: SettingValue): string {
  const given = value === "on" ? "true" : value === "off" ? "false" : value;
  const words = ["operator scheduler set-config", `-${schedulerSettings[setting].option}=${given}`] as const;
  return toolOrCommand(nomad.in(nomad.home), ["set_scheduler_config", { setting, value }], words);
}
