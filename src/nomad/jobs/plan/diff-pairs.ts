import type { DiffType, FieldDiff, ObjectDiff } from "../../../endpoints/job-diff.ts";

/** The fields that tell one of several objects of a kind from another, by which a person names it. */
const identities = ["Name", "Label", "DestPath", "Destination", "GetterSource"];

/** What an object that is one of several is called: a service's name, a template's destination. */
export function identityOf({ Fields }: ObjectDiff): string | undefined {
  const field = identities
    .map((name) => (Fields ?? []).find((each) => each.Name === name))
    .find((each) => each !== undefined && (each.New || each.Old) !== "");
  return field && (field.New || field.Old);
}

/**
 * The objects, a removed one and an added one put together where the one took the other's place: Nomad compares networks,
 * constraints and artifacts as wholes, so that a changed port reads as another network.
 */
export function paired(objects: readonly ObjectDiff[]): ObjectDiff[] {
  const gone = objects.filter(({ Type }) => Type === "Deleted");
  const come = objects.filter(({ Type }) => Type === "Added");
  const partners = new Map<ObjectDiff, ObjectDiff>();
  for (const old of gone) {
    const same = come.filter((now) => now.Name === old.Name);
    const only = same.length === 1 && gone.filter(({ Name }) => Name === old.Name).length === 1;
    const identity = identityOf(old);
    const now = only ? same[0] : same.find((each) => identity !== undefined && identityOf(each) === identity);
    if (now !== undefined && ![...partners.values()].includes(now)) partners.set(old, now);
  }
  const taken = new Set(partners.values());
  return objects
    .filter((object) => !taken.has(object))
    .map((object) => {
      const partner = partners.get(object);
      return partner === undefined ? object : merged(object, partner);
    });
}

function merged(old: ObjectDiff, now: ObjectDiff): ObjectDiff {
  const names = [...new Set([...(old.Fields ?? []), ...(now.Fields ?? [])].map(({ Name }) => Name))];
  const valueIn = (fields: FieldDiff[] | null, name: string) => (fields ?? []).find(({ Name }) => Name === name);
  const Fields = names.map((Name): FieldDiff => {
    const [Old, New] = [valueIn(old.Fields, Name)?.Old ?? "", valueIn(now.Fields, Name)?.New ?? ""];
    const Type: DiffType = Old === New ? "None" : "Edited";
    return { Type, Name, Old, New };
  });
  return { Type: "Edited", Name: old.Name, Fields, Objects: [...(old.Objects ?? []), ...(now.Objects ?? [])] };
}
