import { posix } from "node:path";

/** Where the relative links of a Markdown file lead: paths from the root of the repository. `paper`: where it stands itself. */
export function linksOf(paper: string, text: string): string[] {
  return [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = ""]) =>
    posix.join(posix.dirname(paper), link),
  );
}
