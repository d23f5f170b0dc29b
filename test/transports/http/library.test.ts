import { expect, test } from "vitest";
import { checkout } from "../../support/library.ts";
import { team } from "../../support/network-server.ts";

const file = `job "web" {
  group "api" {
    task "server" {
      driver = "mock_driver"
    }
  }
}
`;

test("a role says which places are seen and whether they are changed; a commit has the name of who calls", async () => {
  const [platform, shop] = [checkout("platform"), checkout("shop")];
  for (const each of [platform, shop]) {
    each.write("web.nomad.hcl", file);
    each.commit("Begin");
  }
  const { start, client } = await team({
    settings: `
[library]
folders = [${JSON.stringify(platform.path)}, ${JSON.stringify(shop.path)}]
write = "commit"

[roles.writer]
libraries = ["platform"]

[roles.viewer]
library_write = false
`,
    people: { anna: "writer", vera: "viewer" },
  });
  const server = await start();
  const said = async (who: string, name: string, args: Record<string, unknown>) => {
    const { content } = await (await client(who, server)).callTool({ name, arguments: args });
    return (content as { text: string }[]).map(({ text }) => text).join("\n");
  };
  expect(await said("vera", "find_drift", {})).toContain("Runs and has no file: ");
  const drift = await said("anna", "find_drift", {});
  expect(drift).toContain("Which jobs have no file is not told: your role sees a part of the library.");
  expect(drift).not.toMatch(/without a file|Runs and has no file/);
  const change = { file: "platform/web.nomad.hcl", replace: "mock_driver", with: "raw_exec" };
  expect(await said("vera", "list_job_files", {})).toMatch(/^2 job files /);
  expect(await said("vera", "save_job_file", change)).toMatch(/^The files of platform may not be changed: /);
  expect(await said("anna", "list_job_files", {})).toMatch(/^1 job file /);
  expect(await said("anna", "save_job_file", { ...change, file: "shop/web.nomad.hcl" })).toContain(
    "there is no shop in the library, but platform",
  );
  expect(await said("anna", "save_job_file", change)).toMatch(/^platform\/web.nomad.hcl saved, committed as /);
  expect(platform.git("log", "-1", "--format=%an: %s")).toBe("anna: Change web\n");
  platform.remove();
  shop.remove();
});
