import { expect } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import { noDeployment } from "./support/jobs.ts";

const files: Readonly<Record<string, string>> = {
  "local/app.conf": "listen = 80\npath = /\n",
  "local/blob": "a\u0000b",
  "secrets/db.env": "DB=made-up\n",
};
const Templates = Object.entries(files).map(([DestPath, EmbeddedTmpl]) => ({ DestPath, EmbeddedTmpl }));
const Tasks = [
  {
    ...{ Name: "main", Driver: "mock_driver", Config: { run_for: "1h", stdout_string: "up\n" }, Templates },
    Resources: { CPU: 20, MemoryMB: 16 },
  },
];

contract("the files of an allocation", (test) => {
  const started = async (nomad: Cluster): Promise<AllocationStub> => {
    const id = await nomad.running("has-files", {}, { Tasks, ...noDeployment });
    return await nomad.allocation(id, "running");
  };

  test("stat and ls have honest statuses, readat is a 200 whatever there is", async ({ nomad }) => {
    const { ID } = await started(nomad);
    const send = async (verb: string, path: string, more: object = {}) => {
      const { status, text } = await nomad.send("GET", `/v1/client/fs/${verb}/${ID}`, { query: { path, ...more } });
      return `${status} ${text.trim().replace(/\/\S*\/alloc\//, "/alloc/")}`;
    };
    const none = (verb: string) => `404 ${verb} /alloc/${ID}/main/nope: no such file or directory`;
    expect(await send("stat", "/main/nope")).toBe(none("stat"));
    expect(await send("ls", "/main/nope")).toBe(none("open"));
    expect(await send("ls", "/main/local/app.conf")).toBe(`500 open /alloc/${ID}/main/local/app.conf: not a directory`);
    expect(await send("stat", "/../x")).toBe("500 Path escapes the alloc directory");
    const part = { offset: 0, limit: 100 };
    expect(await send("readat", "/main/local/app.conf", part)).toBe("200 listen = 80\npath = /");
    expect(await send("readat", "/main/local/app.conf", { offset: 9, limit: 2 })).toBe("200 80");
    expect(await send("readat", "/main/nope", part)).toBe(none("stat").replace("404", "200"));
    expect(await send("readat", "/../x", part)).toBe("200 Path escapes the alloc directory");
    expect(await send("readat", "/main/secrets/db.env", part)).toBe(
      "200 Reading secret file prohibited: /main/secrets/db.env",
    );
    const told = async (path: string) => await nomad.get<object>(`/v1/client/fs/stat/${ID}`, { path });
    expect(await told("main/local/app.conf")).toMatchObject({
      ...{ Name: "app.conf", IsDir: false, Size: 21, FileMode: expect.stringMatching(/^-rw/) },
      ContentType: "text/plain; charset=utf-8",
    });
    expect(await told("/main/local/blob")).toMatchObject({ ContentType: "application/octet-stream" });
    expect(await told("/main")).toMatchObject({ IsDir: true, ContentType: "application/octet-stream" });
  });

  test("list_allocation_files and read_allocation_file tell of them", async ({ nomad }) => {
    const { ID } = await started(nomad);
    const allocation_id = ID.slice(0, 8);
    expect(await nomad.tell("list_allocation_files", { allocation_id })).toMatch(
      /^\/ of \w{8} \(\S+\): 2 folders\n\nname +changed\nalloc\/ .*\nmain\/ /,
    );
    const local = await nomad.tell("list_allocation_files", { allocation_id, folder: "main/local" });
    expect(local).toMatch(/^\/main\/local of \w{8} \(\S+\): 2 files\n\nname +size +changed\napp\.conf +21 bytes /);
    const file = (path: string) => nomad.call("read_allocation_file", { allocation_id, file: path });
    expect((await file("main/local/app.conf")).text).toMatch(
      /: 21 bytes, changed .*\n\nall 2 lines \(written by the workload\):\n\| listen = 80\n\| path = \/$/,
    );
    expect((await file("alloc/logs/main.stdout.0")).text).toMatch(/its only line \(written by the workload\):\n\| up$/);
    expect((await file("main/local/blob")).text).toMatch(/is binary \(3 bytes\)/);
    expect((await file("main/secrets/db.env")).text).toMatch(/^Nobody is shown files of main\/secrets/);
    expect((await file("main/local/nope")).text).toMatch(
      /^\w{8} has no \/main\/local\/nope\. At its root there is alloc and main\.\n/,
    );
    expect((await file("main/local")).text).toMatch(/is a folder, no file\.\nNext: list_allocation_files /);
  });
});
