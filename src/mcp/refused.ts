/**
 * A call that is not carried out, or a start that must not go on, because of what the operator set or the person said.
 * Its message is the whole answer.
 */
export class Refused extends Error {
  override name = "Refused";
}
