import { describe, expect, test } from "vitest";
import { withFiles } from "../../../../src/nomad/jobs/file/file-calls.ts";
import { filePart } from "../../../../src/nomad/jobs/file/file-part.ts";
import { mergedVariables } from "../../../../src/nomad/jobs/file/hcl-names.ts";
import { jobHeading } from "../../../../src/nomad/jobs/file/job-heading.ts";

// Job files as people write them: read here without Nomad's parser.

describe("which job is in a file", () => {
  test.each<[string, string, { id: string; namespace?: string } | undefined]>([
    ["plain", 'job "web" {\n}\n', { id: "web" }],
    ["in one line", 'job "web" { namespace = "shop" }', { id: "web", namespace: "shop" }],
    ["a label without quotes", "job web {\n}\n", { id: "web" }],
    ["its id set", 'job "web" {\n  id = "shop-web"\n}\n', { id: "shop-web" }],
    ["a namespace of a variable", 'job "web" {\n  namespace = var.ns\n}\n', { id: "web" }],
    ["an expression in quotes", `job "web" {\n  namespace = "\${var.ns}-x"\n}\n`, { id: "web" }],
    [
      "behind variables and locals",
      'variable "a" {\n  default = "job \\"x\\" {"\n}\nlocals { b = 1 }\njob "web" {}\n',
      { id: "web" },
    ],
    ["behind comments", '# job "old" {}\n/* job "older" {} */\n// job "x" {}\njob "web" {}\n', { id: "web" }],
    [
      "a heredoc with another job in it",
      'job "web" {\n  meta {\n    x = <<EOF\n}\njob "inner" {}\nEOF\n  }\n  namespace = "n"\n}\n',
      { id: "web", namespace: "n" },
    ],
    [
      "with a mark of its encoding and CRLF",
      '\uFEFFjob "web" {\r\n  namespace = "n"\r\n}\r\n',
      { id: "web", namespace: "n" },
    ],
    ["an umlaut", 'job "größe" {}', { id: "größe" }],
    [
      "a namespace in a task is none of the job's",
      'job "web" {\n  group "g" {\n    task "t" {\n      config {\n        namespace = "x"\n      }\n    }\n  }\n}\n',
      { id: "web" },
    ],
    ["JSON as the API has it", '{"Job": {"ID": "web", "Namespace": "n"}}', { id: "web", namespace: "n" }],
    ["JSON without a wrapper", ' {"ID": "web"}', { id: "web" }],
    ["a module of variables", 'variable "a" {}\n', undefined],
    ["a Terraform file", 'resource "nomad_job" "web" {\n  jobspec = "job \\"web\\" {}"\n}\n', undefined],
    ["a policy", 'namespace "default" {\n  policy = "read"\n}\n', undefined],
    ["JSON that is none", '{"Job": ', undefined],
    ["nothing", "", undefined],
  ])("%s", (_, text, heading) => {
    expect(jobHeading(text)).toEqual(heading && { namespace: undefined, ...heading });
  });
});

describe('file("...") as the nomad command reads it', () => {
  const files: Record<string, string> = { "a.tpl": `x "y" \${z} %{if}\n`, "dir/b.txt": "b" };
  const read = async (path: string) => files[path] ?? `no ${path}`;

  test.each([
    ["an attribute", 'data = file("a.tpl")', `data = "x \\"y\\" $\${z} %%{if}\\n"`],
    ["inside of a text", `data = "<\${file("dir/b.txt")}>"`, `data = "<\${"b"}>"`],
    ["as an argument", 'data = trimspace(file( "dir/b.txt" ))', 'data = trimspace("b")'],
    ["twice", '[file("dir/b.txt"), file("dir/b.txt")]', '["b", "b"]'],
    ["not in a heredoc's text", 'data = <<EOF\nfile("a.tpl")\nEOF\n', 'data = <<EOF\nfile("a.tpl")\nEOF\n'],
    ["not in a comment", '# file("a.tpl")\n', '# file("a.tpl")\n'],
    ["not in a text", 'data = "file(\\"a.tpl\\")"', 'data = "file(\\"a.tpl\\")"'],
    ["not what is called so otherwise", 'file = true\nx = my.file("a")\n', 'file = true\nx = my.file("a")\n'],
  ])("%s", async (_, hcl, resolved) => {
    expect(await withFiles(hcl, read)).toBe(resolved);
  });

  test.each([
    ["a path that is computed", `x = 1\ndata = file("\${var.dir}/a")`, "file() in line 2"],
    ["a variable", "data = file(var.path)", "file() in line 1"],
    ["templatefile", '\n\ndata = templatefile("a.tpl", {})', "templatefile() in line 3"],
    ["fileset", 'data = fileset(".", "*")', "fileset() in line 1"],
  ])("%s is refused with its line", async (_, hcl, words) => {
    await expect(withFiles(hcl, read)).rejects.toThrow(words);
    await expect(withFiles(hcl, read)).rejects.toThrow("Nothing was submitted.");
  });
});

test("a task is told as it stands, with its comments and line ends", () => {
  const hcl = 'job "a" {\r\n  group "g" {\r\n    # before\r\n    task "t" {\r\n      # inside\r\n    }\r\n  }\r\n}\r\n';
  expect(filePart(hcl, { task: "t" })).toBe('    task "t" {\r\n      # inside\r\n    }');
  expect(filePart(hcl, {})).toBe(hcl);
});

test("of a variable to which several files give a value the last one counts", () => {
  const merged = mergedVariables(['a = "1"\nb = [\n  1,\n]\n', 'a = "2" # newer\n', '{"c": {"d": true}}']);
  expect(merged).toBe('a = "2" # newer\nb = [\n  1,\n]\nc = {"d":true}');
});
