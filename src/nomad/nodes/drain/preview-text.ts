import { explain } from "../../../api/errors/explain.ts";
import { nodes } from "../../../endpoints/nodes.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import type { Answer } from "../../../text/answer.ts";
import { firstLine } from "../../../text/words.ts";
import { drainStep, nodeState, stateInWords } from "../words.ts";
import { countOf, type Drained } from "./drained.ts";
import { drainEffect } from "./effect.ts";
import { effectInShort, effectLines, fateOf } from "./effect-text.ts";

/** What a drain of a node would do, for whoever asks before; it changes nothing. */
export async function drainPreviewAnswer(nomad: NomadClient, id: string, signal: AbortSignal): Promise<Answer> {
  const node = await nomad.get(nodes.get, { node_id: id });
  const effect = await drainEffect(nomad, node, signal);
  const about = { node_id: node.ID, name: node.Name, state: nodeState(node) };
  const subject = `A drain of ${node.Name} (${stateInWords(node, nomad.now())})`;
  if (node.Status !== "ready")
    return { headline: `${subject} would move nothing: Nomad does not reach it`, data: about };
  if ("failed" in effect) {
    return {
      headline: `What a drain of ${node.Name} would do is not known: what runs there could not be read (${firstLine(explain(effect.failed))})`,
      data: about,
    };
  }
  const { services, batch, sysbatch, system } = effect.value;
  const keepSystem = node.DrainStrategy?.IgnoreSystemJobs ?? false;
  const names = (groups: readonly Drained[]) =>
    groups.map(({ jobId, namespace, group, here }) => ({ job_id: jobId, namespace, group, allocations: here.length }));
  return {
    headline: `${subject} would ${effectInShort(effect.value, keepSystem)}`,
    sections: effectLines(effect.value, nomad, keepSystem),
    next:
      countOf([...services, ...batch, ...sysbatch, ...system]) > 0 && !node.Drain
        ? [`${drainStep(nomad, node)} does it`]
        : [],
    data: {
      ...about,
      no_place: names(services.filter((move) => fateOf(move) === "no place")),
      gap: names(services.filter((move) => fateOf(move) === "gap")),
      not_known: names(services.filter((move) => fateOf(move) === "not known")),
      moves: names(services.filter((move) => fateOf(move) === "moves")),
      killed: names([...batch, ...sysbatch]),
      system: names(system),
    },
  };
}
