/** Fields whose keys are the user's. */
const MAPS =
  /^(Attributes|Meta|Config|Env|Drivers|Links|TaskStates|Tasks|TaskResources|TaskLifecycles|Options|Details|Summary|DesiredTGUpdates|QueuedAllocations|FailedTGAllocs|NodesAvailable|ClassEligibility|DimensionExhausted|ConstraintFiltered|ClassFiltered|ClassExhausted|ResourcesExhausted|Scores|VariableFlags)$/;

interface Shape {
  kinds: Set<string>;
  fields: Map<string, Shape>;
}

function kind(value: unknown): string {
  if (value === null || value === undefined) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

function add(into: Shape, value: unknown, map: boolean): Shape {
  into.kinds.add(kind(value));
  const child = (name: string) => {
    const known = into.fields.get(name) ?? { kinds: new Set(), fields: new Map() };
    into.fields.set(name, known);
    return known;
  };
  if (Array.isArray(value)) for (const item of value) add(child("[]"), item, false);
  else if (value !== null && typeof value === "object")
    // groups are a list in a job and a map in a deployment
    for (const [name, field] of Object.entries(value))
      add(child(map ? "{}" : name), field, MAPS.test(name) || (name === "TaskGroups" && !Array.isArray(field)));
  return into;
}

/** Where two values differ in the fields they have or in what these hold. What is empty on one side fits everything. */
export function shapeDiffers(mine: unknown, theirs: unknown): string[] {
  const out: string[] = [];
  const compare = (a: Shape, b: Shape, at: string) => {
    const solid = (shape: Shape) => [...shape.kinds].filter((each) => each !== "null");
    const [one, other] = [solid(a), solid(b)];
    if (one.length > 0 && other.length > 0 && !one.some((each) => other.includes(each)))
      out.push(`${at}: ${one} and not ${other}`);
    if (a.fields.size === 0 || b.fields.size === 0) return;
    for (const [name, shape] of a.fields) {
      const same = b.fields.get(name);
      if (same) compare(shape, same, `${at}.${name}`);
      else out.push(`${at}.${name} is not in Nomad's`);
    }
    for (const name of b.fields.keys()) if (!a.fields.has(name)) out.push(`${at}.${name} is missing`);
  };
  const shapeOf = (value: unknown) => add({ kinds: new Set(), fields: new Map() }, value, false);
  compare(shapeOf(mine), shapeOf(theirs), "");
  return out.sort();
}
