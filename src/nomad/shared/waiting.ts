/** How the outcome of a change is waited for. */
export interface Waiting {
  /** The end of the time, ms, by this machine's clock; where it has passed already, nothing is waited for. */
  readonly until: number;
  report(message: string): void;
}
