import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

// bin/run-mcp-server.sh as a desktop app starts it: next to no environment, directory "/". It runs in a copy of the
// project whose packages, build and Nodes are stand-ins, on a "system" that has the few tools the script may use and
// nothing else.

const original = join(import.meta.dirname, "../bin/run-mcp-server.sh");
const tools = "cat cksum cut find ls mkdir ps readlink rm rmdir sed sleep sort".split(" ");

const shells = [["/bin/sh"], ["/usr/bin/dash"], ["/bin/busybox", "sh"], ["/usr/bin/busybox", "sh"]].filter(
  ([path = ""], index, all) =>
    existsSync(path) && all.findIndex(([other = ""]) => existsSync(other) && same(other, path)) === index,
);

let root: string;
let clone: string;
let home: string;
let script: string;
let started: ChildProcess[];

beforeEach(() => {
  root = mkdtempSync(join(realpathSync(tmpdir()), "nomad mcp "));
  clone = join(root, "my clone");
  home = join(root, "home");
  script = join(clone, "bin/run-mcp-server.sh");
  started = [];
  mkdirSync(home);
  for (const tool of tools) {
    const path = ["/usr/bin", "/bin"].map((folder) => join(folder, tool)).find((place) => existsSync(place));
    if (path) link(path, join(root, "system/usr/bin", tool));
  }
  const text = readFileSync(original, "utf8").replace(/^root=$/m, `root='${join(root, "system")}'`);
  write(script, text, 0o755);
  cpSync(join(import.meta.dirname, "../package.json"), join(clone, "package.json"));
  write(join(clone, "package-lock.json"), "{}");
  // All that the build reads must be there, or every start looks at contents.
  for (const file of ["tsconfig.json", "scripts/entry.cjs", "packages/demo/package.json", "packages/demo/src/index.ts"])
    write(join(clone, file), "{}");
  write(join(clone, "src/main.ts"), "one");
  // The fake node runs it as a shell script. It is as loud as a build can be.
  write(
    join(clone, "scripts/build.mjs"),
    "echo loud build; echo >>builds; mkdir -p dist; cat src/main.ts >dist/nomad-mcp.js",
  );
});

afterEach(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

describe.each(shells)("run-mcp-server.sh in %s", (...shell: readonly string[]) => {
  test("takes the node of the PATH, passes all arguments on and writes nothing to stdout itself", async () => {
    fakeNode(join(root, "path"), "v20.19.0");
    installed();
    const { code, stdout } = await run(["call", "a b", "", "--json", '{"x": "*"}'], { PATH: join(root, "path") });
    expect(stdout).toBe('v20.19.0 one <call> <a b> <> <--json> <{"x": "*"}>\n');
    expect(code).toBe(0);
  });

  test("takes the newest of nvm's that will do, by number", async () => {
    for (const version of ["v9.11.2", "v20.19.5", "v22.1.0", "v22.0.9", "v18.20.4"])
      fakeNode(join(home, ".nvm/versions/node", version, "bin"), version);
    installed();
    const { stdout } = await run([], { HOME: home, PATH: "" });
    expect(stdout).toBe("v22.1.0 one\n");
  });

  test.each([
    [".local/share/fnm/node-versions/v22.3.0/installation/bin"],
    ["Library/Application Support/fnm/node-versions/v22.3.0/installation/bin"],
    [".volta/tools/image/node/22.3.0/bin"],
    [".asdf/installs/nodejs/22.3.0/bin"],
    [".local/share/mise/installs/node/22.3.0/bin"],
    ["../system/opt/homebrew/bin"],
    ["../system/opt/homebrew/opt/node@22/bin"],
    ["../system/home/linuxbrew/.linuxbrew/bin"],
    ["../system/usr/local/bin"],
    ["../system/usr/bin"],
    ["../system/snap/bin"],
  ])("finds the node in %s, passing one on the PATH that is too old", async (place) => {
    fakeNode(join(root, "path"), "v18.20.4");
    fakeNode(join(home, place), "v22.3.0");
    installed();
    const { stdout } = await run([], { HOME: home, PATH: join(root, "path") });
    expect(stdout).toBe("v22.3.0 one\n");
  });

  test("finds the home of the user where HOME is not set", async () => {
    fakeNode(join(home, ".nvm/versions/node/v22.3.0/bin"), "v22.3.0");
    write(join(root, "system/usr/bin/id"), "#!/bin/sh\necho no-such-user-here\n", 0o755);
    write(join(root, "system/usr/bin/getent"), `#!/bin/sh\necho "n:x:1:1::${home}:/bin/sh"\n`, 0o755);
    installed();
    // dash and bash have a PATH of their own where there is none, with this machine's node on it; an empty one they keep.
    expect((await run([], { PATH: "" })).stdout).toBe("v22.3.0 one\n");
  });

  test("says in one line that every node is too old", async () => {
    fakeNode(join(root, "path"), "v16.20.2");
    fakeNode(join(home, ".nvm/versions/node/v20.18.3/bin"), "v20.18.3");
    const { code, stdout, stderr } = await run([], { HOME: home, PATH: join(root, "path") });
    expect(stderr).toBe(
      `nomad-mcp: needs Node >= 20.19, but the newest found is v20.18.3 (${home}/.nvm/versions/node/v20.18.3/bin/node). Install a newer one, or set NOMAD_MCP_NODE to the path of one\n`,
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  test("lists where it looked when there is none", async () => {
    const { code, stdout, stderr } = await run([], { HOME: home, PATH: "/nowhere:" });
    expect(stderr).toContain("found no Node, and needs one >= 20.19. Looked in:\n  PATH (/nowhere:)\n");
    for (const place of ["/opt/homebrew/bin/node", "/usr/local/bin/node", "/usr/bin/node", "/snap/bin/node"])
      expect(stderr).toContain(`\n  ${root}/system${place}\n`);
    for (const place of [".nvm/versions/node/*/bin/node", ".volta/tools/image/node/*/bin/node"])
      expect(stderr).toContain(`\n  ${home}/${place}\n`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  test("takes the node that NOMAD_MCP_NODE names, and no other in its place", async () => {
    fakeNode(join(root, "path"), "v22.3.0");
    fakeNode(join(root, "mine"), "v24.0.0");
    installed();
    const PATH = join(root, "path");
    expect((await run([], { PATH, NOMAD_MCP_NODE: join(root, "mine/node") })).stdout).toBe("v24.0.0 one\n");
    const missing = await run([], { PATH, NOMAD_MCP_NODE: "/nowhere/node" });
    expect(missing.stderr).toBe(
      "nomad-mcp: NOMAD_MCP_NODE=/nowhere/node is not the absolute path of a Node that runs\n",
    );
    fakeNode(join(root, "mine"), "v18.0.0");
    const old = await run([], { PATH, NOMAD_MCP_NODE: join(root, "mine/node") });
    expect(old.stderr).toBe(`nomad-mcp: NOMAD_MCP_NODE=${root}/mine/node is Node v18.0.0, and >= 20.19 is needed\n`);
    expect([missing.code, missing.stdout, old.code, old.stdout]).toEqual([1, "", 1, ""]);
  });

  test("finds its project through links", async () => {
    fakeNode(join(root, "path"), "v22.3.0");
    installed();
    link(script, join(root, "links/absolute"));
    link("../links/absolute", join(root, "bin/relative"));
    script = join(root, "bin/relative");
    expect((await run([], { PATH: join(root, "path") })).stdout).toBe("v22.3.0 one\n");
  });

  test("installs and builds what is missing, loud on stderr only, and leaves the host's stdin alone", async () => {
    fakeNode(join(root, "path"), "v22.3.0");
    fakeNpm();
    const { stdout, stderr } = await run(["echo"], { PATH: join(root, "path") }, '{"jsonrpc":"2.0"}\n');
    expect(stdout).toBe('v22.3.0 one <echo>\n{"jsonrpc":"2.0"}\n');
    expect(stderr).toContain("loud npm\n");
    expect(stderr).toContain("loud build\n");
    expect(lines("npm-calls")).toEqual(["ci --include=dev --no-audit --no-fund"]);
  });

  test("tries npm install where npm ci fails", async () => {
    fakeNode(join(root, "path"), "v22.3.0");
    fakeNpm("case $1 in ci) echo no such package >&2; exit 1 ;; esac");
    const { stdout, stderr } = await run([], { PATH: join(root, "path") });
    expect(stderr).toContain("no such package\nnomad-mcp: npm ci failed, trying npm install\n");
    expect(lines("npm-calls")[1]).toBe("install --no-save --include=dev --no-audit --no-fund");
    expect(stdout).toBe("v22.3.0 one\n");
  });

  test("builds again when the source has changed, installs again when the lock file has, else neither", async () => {
    fakeNode(join(root, "path"), "v22.3.0");
    fakeNpm();
    const start = () => run([], { PATH: join(root, "path") });
    const counts = () => ({ builds: lines("builds").length, installs: lines("npm-calls").length });
    await start();
    expect(await start()).toEqual({ code: 0, stdout: "v22.3.0 one\n", stderr: "" });
    expect(counts()).toEqual({ builds: 1, installs: 1 });

    // Older than the build: content counts, not dates.
    write(join(clone, "src/main.ts"), "two");
    utimesSync(join(clone, "src/main.ts"), 1, 1);
    expect((await start()).stdout).toBe("v22.3.0 two\n");
    expect(counts()).toEqual({ builds: 2, installs: 1 });

    rmSync(join(clone, "dist/nomad-mcp.js"));
    expect((await start()).stdout).toBe("v22.3.0 two\n");
    expect(counts()).toEqual({ builds: 3, installs: 1 });

    write(join(clone, "package-lock.json"), '{"changed": true}');
    const later = Date.now() / 1000 + 60;
    utimesSync(join(clone, "package-lock.json"), later, later);
    expect((await start()).stdout).toBe("v22.3.0 two\n");
    expect(counts()).toEqual({ builds: 4, installs: 2 });
  });

  test("looks at contents only where something happened to a source, and builds only where they differ", async () => {
    fakeNode(join(root, "path"), "v22.3.0");
    installed();
    write(
      join(root, "system/usr/bin/cksum.sh"),
      `#!/bin/sh\necho >>"${clone}/sums"\nexec "${realpathSync(join(root, "system/usr/bin/cksum"))}" "$@"\n`,
      0o755,
    );
    rmSync(join(root, "system/usr/bin/cksum"));
    link("cksum.sh", join(root, "system/usr/bin/cksum"));
    write(join(clone, "src/jobs/list.ts"), "old");
    write(join(clone, "src/jobs/stop.ts"), "old");
    /** Starts, and tells what that took. */
    const took = async () => {
      const before = { builds: lines("builds").length, sums: lines("sums").length };
      expect((await run([], { PATH: join(root, "path") })).stdout).toBe("v22.3.0 one\n");
      return { builds: lines("builds").length - before.builds, looked: lines("sums").length > before.sums };
    };
    const nothing = { builds: 0, looked: false };
    const another = { builds: 1, looked: true };
    expect(await took()).toEqual(another);
    expect(await took()).toEqual(nothing);

    // Touched.
    utimesSync(join(clone, "src/main.ts"), 1, 1);
    expect(await took()).toEqual({ builds: 0, looked: true });
    expect(await took()).toEqual(nothing);

    // Other content of the same size and date, in place and by a rename.
    const { atime, mtime } = statSync(join(clone, "src/jobs/list.ts"));
    write(join(clone, "src/jobs/list.ts"), "new");
    utimesSync(join(clone, "src/jobs/list.ts"), atime, mtime);
    expect(await took()).toEqual(another);
    write(join(clone, "elsewhere.ts"), "two");
    utimesSync(join(clone, "elsewhere.ts"), atime, mtime);
    renameSync(join(clone, "elsewhere.ts"), join(clone, "src/jobs/list.ts"));
    expect(await took()).toEqual(another);

    rmSync(join(clone, "src/jobs/stop.ts"));
    expect(await took()).toEqual(another);
    renameSync(join(clone, "src/jobs/list.ts"), join(clone, "src/jobs/lists.ts"));
    expect(await took()).toEqual(another);
    expect(await took()).toEqual(nothing);
  });

  test("builds again what changed while it was built", async () => {
    fakeNode(join(root, "path"), "v22.3.0");
    installed();
    const build = readFileSync(join(clone, "scripts/build.mjs"), "utf8");
    write(join(clone, "scripts/build.mjs"), `${build}; [ -e edited ] || { : >edited; printf two >src/main.ts; }`);
    const start = async () => (await run([], { PATH: join(root, "path") })).stdout;
    expect([await start(), await start(), await start()]).toEqual(["v22.3.0 one\n", "v22.3.0 two\n", "v22.3.0 two\n"]);
    expect(lines("builds")).toHaveLength(2);
  });

  test("asks the node that it finds for its version once, until that is another file", async () => {
    const path = join(root, "path");
    fakeNode(path, "v22.3.0");
    installed();
    /** Starts, and tells which node served and how often one was asked for its version. */
    const start = async (env: Record<string, string> = {}) => {
      const before = lines("../asked").length;
      const { stdout } = await run([], { PATH: path, ...env });
      return [stdout, lines("../asked").length - before];
    };
    expect(await start()).toEqual(["v22.3.0 one\n", 1]);
    expect(await start()).toEqual(["v22.3.0 one\n", 0]);

    // Another one by its name wins, and leaves what is known of the first.
    fakeNode(join(root, "mine"), "v24.0.0");
    expect(await start({ NOMAD_MCP_NODE: join(root, "mine/node") })).toEqual(["v24.0.0 one\n", 1]);
    expect(await start()).toEqual(["v22.3.0 one\n", 0]);
    // So does one that stands before it on the PATH.
    expect(await start({ PATH: `${join(root, "mine")}:${path}` })).toEqual(["v24.0.0 one\n", 1]);

    // In place, and as old as it likes.
    fakeNode(path, "v20.20.0");
    utimesSync(join(path, "node"), 1, 1);
    expect(await start()).toEqual(["v20.20.0 one\n", 1]);
    expect(await start()).toEqual(["v20.20.0 one\n", 0]);
    fakeNode(path, "v18.0.0");
    fakeNode(join(home, ".nvm/versions/node/v22.3.0/bin"), "v22.3.0");
    expect(await start({ HOME: home })).toEqual(["v22.3.0 one\n", 2]);
  });

  test("asks again where a link leads to another node, and each time where a shim chooses one", async () => {
    const path = join(root, "path");
    fakeNode(join(root, "old"), "v18.20.4");
    fakeNode(join(root, "one"), "v20.19.0");
    fakeNode(join(root, "two"), "v22.3.0");
    link(join(root, "one"), join(root, "current"));
    link("../current/node", join(path, "node"));
    installed();
    const start = async () => (await run([], { PATH: path, HOME: home })).stdout;
    expect([await start(), await start()]).toEqual(["v20.19.0 one\n", "v20.19.0 one\n"]);
    expect(lines("../asked")).toHaveLength(1);
    // Both nodes are older than what is remembered.
    rmSync(join(root, "current"));
    link(join(root, "two"), join(root, "current"));
    expect(await start()).toBe("v22.3.0 one\n");
    rmSync(join(root, "current"));
    link(join(root, "old"), join(root, "current"));
    expect(await start()).toBe("");

    rmSync(join(path, "node"));
    write(join(path, "node"), `#!/bin/sh\nexec "${root}/$(cat "${root}/choice")/node" "$@"\n`, 0o755);
    write(join(root, "choice"), "one");
    expect([await start(), await start()]).toEqual(["v20.19.0 one\n", "v20.19.0 one\n"]);
    write(join(root, "choice"), "two");
    expect(await start()).toBe("v22.3.0 one\n");
    write(join(root, "choice"), "old");
    expect(await start()).toBe("");
  });

  test("says that the build failed, and how to see why, and starts nothing", async () => {
    fakeNode(join(root, "path"), "v22.3.0");
    installed();
    write(join(clone, "scripts/build.mjs"), "echo syntax error; exit 1");
    const { code, stdout, stderr } = await run([], { PATH: join(root, "path") });
    expect(stderr).toContain(`syntax error\nnomad-mcp: could not build. To see why: cd '${clone}' && npm run build\n`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(existsSync(join(clone, "dist/.lock"))).toBe(false);
  });

  test("builds once for two starts at the same time", async () => {
    fakeNode(join(root, "path"), "v22.3.0");
    installed();
    // Builds until the test says so, through a pipe: opening it for reading waits for somebody who writes.
    spawnSync("/usr/bin/mkfifo", [join(clone, "gate")]);
    const build = readFileSync(join(clone, "scripts/build.mjs"), "utf8");
    write(join(clone, "scripts/build.mjs"), `echo at the gate; cat gate; ${build}`);
    const first = start([], { PATH: join(root, "path") });
    await first.says("at the gate");
    const second = start([], { PATH: join(root, "path") });
    await second.says(`another start is building (process ${first.pid}), waiting for it`);
    writeFileSync(join(clone, "gate"), "");
    expect((await first.end).stdout).toBe("v22.3.0 one\n");
    expect((await second.end).stdout).toBe("v22.3.0 one\n");
    expect(lines("builds")).toHaveLength(1);
  });

  test("takes no program from the directory in which it is started", async () => {
    const trap = "#!/bin/sh\necho trapped >&2\nexec false\n";
    const here = join(root, "here");
    for (const tool of ["node", "npm", "cksum", "sort", "id"]) {
      write(join(here, tool), trap, 0o755);
      write(join(here, "bin", tool), trap, 0o755);
    }
    fakeNode(join(root, "path"), "v22.3.0");
    installed();
    const PATH = `:.:bin::./bin:${join(root, "path")}:`;
    const found = await run([], { PATH }, "", here);
    expect(found).toMatchObject({ code: 0, stdout: "v22.3.0 one\n" });
    expect(found.stderr).not.toContain("trapped");
    const named = await run([], { PATH, NOMAD_MCP_NODE: "bin/node" }, "", here);
    expect(named).toMatchObject({ code: 1, stdout: "" });
    expect(named.stderr).toBe("nomad-mcp: NOMAD_MCP_NODE=bin/node is not the absolute path of a Node that runs\n");
  });

  test("follows no link at its lock", async () => {
    fakeNode(join(root, "path"), "v22.3.0");
    installed();
    write(join(root, "elsewhere/pid"), "precious");
    link(join(root, "elsewhere"), join(clone, "dist/.lock"));
    const { code, stdout, stderr } = await run([], { PATH: join(root, "path") });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("dist/.lock is a link");
    rmSync(join(clone, "dist/.lock"));
    // A lock that somebody left, with links in it.
    link(join(root, "elsewhere/pid"), join(clone, "dist/.lock/pid"));
    link(join(root, "elsewhere/pid"), join(clone, "dist/.lock/args"));
    expect((await run([], { PATH: join(root, "path") })).stdout).toBe("v22.3.0 one\n");
    expect(readFileSync(join(root, "elsewhere/pid"), "utf8")).toBe("precious");
  });

  test("follows no link at its stamp, nor at what it remembers", async () => {
    fakeNode(join(root, "path"), "v22.3.0");
    installed();
    const start = () => run([], { PATH: join(root, "path") });
    await start();
    for (const name of [".stamp", ".node"]) {
      renameSync(join(clone, "dist", name), join(root, `elsewhere${name}`));
      link(join(root, `elsewhere${name}`), join(clone, "dist", name));
    }
    const before = [".stamp", ".node"].map((name) => readFileSync(join(root, `elsewhere${name}`), "utf8"));
    write(join(root, "elsewhere.stamp"), before.join());
    expect((await start()).stdout).toBe("v22.3.0 one\n");
    // Neither was believed, nor written through.
    expect([lines("builds").length, lines("../asked").length]).toEqual([2, 2]);
    expect(readFileSync(join(root, "elsewhere.stamp"), "utf8")).toBe(before.join());
    expect(readFileSync(join(root, "elsewhere.node"), "utf8")).toBe(before[1]);
    expect(lstatSync(join(clone, "dist/.stamp")).isSymbolicLink()).toBe(false);
    expect(lstatSync(join(clone, "dist/.node")).isSymbolicLink()).toBe(false);
  });

  test("takes the place of a build that died", async () => {
    fakeNode(join(root, "path"), "v22.3.0");
    installed();
    const { pid } = spawnSync("true");
    write(join(clone, "dist/.lock/args"), "/bin/sh run-mcp-server.sh\n");
    write(join(clone, "dist/.lock/pid"), `${pid}\n`);
    expect((await run([], { PATH: join(root, "path") })).stdout).toBe("v22.3.0 one\n");
    expect(existsSync(join(clone, "dist/.lock"))).toBe(false);
  });

  test("ends the build when it is told to end, and leaves no lock", async () => {
    fakeNode(join(root, "path"), "v22.3.0");
    installed();
    write(join(clone, "scripts/build.mjs"), "echo build is $$; exec sleep 60");
    const host = start([], { PATH: join(root, "path") });
    const build = Number(/build is (\d+)/.exec(await host.says(/build is \d+\n/))?.[1]);
    process.kill(host.pid, "SIGTERM");
    const { code, stdout } = await host.end;
    expect({ code, stdout }).toEqual({ code: 143, stdout: "" });
    expect(existsSync(join(clone, "dist/.lock"))).toBe(false);
    await expect.poll(() => isRunning(build), { timeout: 10_000 }).toBe(false);
  });

  test("becomes the server: no shell stays between it and the host", async () => {
    fakeNode(join(root, "path"), "v22.3.0");
    installed();
    const host = start(["pid"], { PATH: join(root, "path") });
    expect((await host.end).stdout).toBe(`v22.3.0 one <pid>\n${host.pid}\n`);
  });

  /** Starts the script; `says` waits for words on its stderr and gives all of it so far. */
  function start(args: readonly string[], env: Record<string, string>, input = "", cwd = "/") {
    const [command = "", ...before] = shell;
    const child = spawn(command, [...before, script, ...args], { cwd, env });
    started.push(child);
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data) => {
      stdout += data;
    });
    child.stderr.on("data", (data) => {
      stderr += data;
    });
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const end = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
      child.on("close", (code) => resolve({ code, stdout, stderr }));
    });
    const says = (words: string | RegExp) =>
      new Promise<string>((resolve, reject) => {
        const look = () => {
          if (typeof words === "string" ? stderr.includes(words) : words.test(stderr)) resolve(stderr);
        };
        look();
        child.stderr.on("data", look);
        child.on("close", () => reject(new Error(`ended without saying ${words}: ${stderr}`)));
      });
    return { pid: child.pid ?? 0, says, end };
  }

  function run(args: readonly string[], env: Record<string, string>, input = "", cwd = "/") {
    return start(args, env, input, cwd).end;
  }
});

test("asks for the Node that package.json asks for", () => {
  const { engines }: { engines: { node: string } } = JSON.parse(
    readFileSync(join(import.meta.dirname, "../package.json"), "utf8"),
  );
  const [, major, minor] = /^need_major=(\d+)\nneed_minor=(\d+)$/m.exec(readFileSync(original, "utf8")) ?? [];
  expect(engines.node).toBe(`>=${major}.${minor}`);
});

/** A node that says a version, builds by running the build as a shell script, and serves by saying what it was given. */
function fakeNode(folder: string, version: string): void {
  write(
    join(folder, "node"),
    `#!/bin/sh
case \${1-} in
--version) echo ${version}; echo >>"${root}/asked" ;;
-p) echo "$0" ;;
scripts/build.mjs) . ./scripts/build.mjs ;;
*/dist/nomad-mcp.js)
  printf '${version} %s' "$(cat "$1")"
  shift
  for argument; do printf ' <%s>' "$argument"; done
  echo
  case \${1-} in echo) cat ;; pid) echo $$ ;; esac
  ;;
*) echo "a node is not asked for $*" >&2; exit 9 ;;
esac
`,
    0o755,
  );
}

/** An npm beside the fake node of the PATH. `cat` would take the host's first message, if that were its stdin. */
function fakeNpm(first = ""): void {
  write(
    join(root, "path/npm"),
    `#!/bin/sh
echo loud npm
cat
echo "$*" >>npm-calls
${first}
mkdir -p node_modules/esbuild
: >node_modules/.package-lock.json
`,
    0o755,
  );
}

/** As after an install. */
function installed(): void {
  mkdirSync(join(clone, "node_modules/esbuild"), { recursive: true });
  write(join(clone, "node_modules/.package-lock.json"), "{}");
}

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

function lines(name: string): string[] {
  if (!existsSync(join(clone, name))) return [];
  return readFileSync(join(clone, name), "utf8").split("\n").slice(0, -1);
}

function same(one: string, other: string): boolean {
  return realpathSync(one) === realpathSync(other);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
