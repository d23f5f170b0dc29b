/** One command of a script: its words, and where what it says goes. */
interface Step {
  words: string[];
  /** It says on stderr what it would say on stdout. */
  toStderr: boolean;
  /** It runs only if the one before it went well. */
  onSuccess: boolean;
}

/** The commands of a script, as far as the demo's shell goes: quotes, `;`, `&&`, line ends and `>&2`. */
export function stepsOf(script: string): Step[] {
  const steps: Step[] = [];
  let step: Step = { words: [], toStderr: false, onSuccess: false };
  const next = (onSuccess: boolean) => {
    if (step.words.length > 0) steps.push(step);
    step = { words: [], toStderr: false, onSuccess };
  };
  const parts = /(&&|;|\n)|(>&2|1>&2)|((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s;&'"\\]|&(?!&))+)/gs;
  for (const [, end, redirect, word] of script.matchAll(parts)) {
    if (end !== undefined) next(end === "&&");
    else if (redirect !== undefined) step.toStderr = true;
    else if (word !== undefined) step.words.push(unquoted(word));
  }
  next(false);
  return steps;
}

function unquoted(word: string): string {
  return word.replaceAll(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/gs, (_, single, double, one) => {
    if (single !== undefined) return single;
    return double === undefined ? one : double.replaceAll(/\\(["\\$`])/g, "$1");
  });
}
