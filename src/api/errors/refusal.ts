/**
 * A call that is not carried out, with the sentences that the operator should read: an unknown job, an ambiguous id, an
 * argument that cannot be meant. Its message is the whole answer.
 */
export class Refusal extends Error {
  override name = "Refusal";
}
