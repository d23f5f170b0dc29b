import type { NomadClient } from "../../nomad-client.ts";

/** What a person is shown of an object before it is changed, and the state to which their consent is bound. */
export interface Preview {
  readonly text: string;
  /** What of the object their consent depends on, and where it is; another one, and the consent does not hold. */
  readonly stamp: string;
}

/** Where a change is made, as lines of a preview. */
export function placeLines(nomad: NomadClient): string[] {
  return [`  namespace: ${nomad.namespace}`, clusterLine(nomad)];
}

/** The cluster in which a change is made, as a line of a preview: all there is to say of what is in no namespace. */
export function clusterLine({ address, region }: NomadClient): string {
  return `  cluster: ${address}${region === undefined ? "" : `, region ${region}`}`;
}

/**
 * The stamp of an object: which cluster it is in, and what of it is to stay as it was. A replica knows its cluster by a socket of
 * its own, whose path would make its stamps another one's.
 */
export function stampOf({ address, region }: NomadClient, ...parts: readonly unknown[]): string {
  return JSON.stringify([address.startsWith("unix:") ? "unix:" : address, region ?? null, ...parts]);
}
